_base_ = ['./td-hm_res50_8xb64-210e_coco-256x192.py', '../../../_base_/data/coco-aic.py']
model = dict(
    head=dict(
        _delete_=True,
        type='VisPredictHead',
        pose_cfg=_base_.model.head,
        loss=dict(type='BCELoss', use_sigmoid=True, use_target_weight=True, loss_weight=1e-3),
    )
)
train_dataloader = dict(dataset=dict(_base_.coco_aic_merged, pipeline=_base_.train_pipeline))
