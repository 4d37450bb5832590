_base_ = './td-hm_hrnet-w32_udp-8xb64-210e_coco-256x192.py'

# a heatmap and two offset maps for each of the 17 keypoints
codec = dict(_base_.codec, heatmap_type='combined')
model = dict(
    head=dict(out_channels=51, loss=dict(type='CombinedTargetMSELoss'), decoder=codec),
    train_cfg=dict(compute_acc=False),
    test_cfg=dict(flip_mode='udp_combined'),
)
target = dict(type='GenerateTarget', encoder=codec)
train_pipeline = [*_base_.train_pipeline[:-2], target, _base_.train_pipeline[-1]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
