_base_ = [
    './rtmo-l_16xb16-700e_crowdpose-640x640.py',
    '../../../_base_/data/body7-crowdpose_one-stage.py',
]
train_dataloader = dict(dataset=dict(_base_.body7_crowdpose, pipeline=_base_.train_pipeline))
stage2_hook = dict(_base_.custom_hooks[0], new_train_dataset=_base_.body7_crowdpose.datasets[2])
custom_hooks = [stage2_hook, *_base_.custom_hooks[1:]]
