_base_ = [
    '../coco/rtmo-l_16xb16-600e_coco-640x640.py',
    '../../../_base_/data/body7_one-stage.py',
]
train_dataloader = dict(dataset=dict(_base_.body7, pipeline=_base_.train_pipeline))
stage2_hook = dict(_base_.custom_hooks[0], new_train_dataset=_base_.body7.datasets[0])
custom_hooks = [stage2_hook, *_base_.custom_hooks[1:]]
