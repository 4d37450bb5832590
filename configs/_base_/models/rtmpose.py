# RTMPose: CSPNeXt, and a head that classifies coordinates after one gated attention unit. `model`
# is the medium one for 17 keypoints; the head is completed by the `head_input` of the pipelines.
# Another size, or other weights of the backbone: `model = _base_.rtmpose.aic_coco.l`.
sizes = dict(
    t=dict(deepen_factor=0.167, widen_factor=0.375),
    s=dict(deepen_factor=0.33, widen_factor=0.5),
    m=dict(deepen_factor=0.67, widen_factor=0.75),
    l=dict(deepen_factor=1.0, widen_factor=1.0),
    x=dict(deepen_factor=1.33, widen_factor=1.25),
)
url = 'https://download.openmmlab.com/mmpose/v1/projects/'
aic_coco = dict(
    t='cspnext-tiny_udp-aic-coco_210e-256x192-cbed682d_20230130.pth',
    s='cspnext-s_udp-aic-coco_210e-256x192-92f5a029_20230130.pth',
    m='cspnext-m_udp-aic-coco_210e-256x192-f2f7d6f6_20230130.pth',
    l='cspnext-l_udp-aic-coco_210e-256x192-273b7631_20230130.pth',
)
weights = dict(
    aic_coco=(url + 'rtmposev1/', aic_coco),
    aic_coco_old_url=(url + 'rtmpose/', aic_coco),
    body7_256x192=(
        url + 'rtmposev1/',
        dict(
            t='cspnext-tiny_udp-body7_210e-256x192-a3775292_20230504.pth',
            s='cspnext-s_udp-body7_210e-256x192-8c9ccbdb_20230504.pth',
            m='cspnext-m_udp-body7_210e-256x192-e0c9327b_20230504.pth',
            l='cspnext-l_udp-body7_210e-256x192-5e9558ef_20230504.pth',
        ),
    ),
    body7_384x288=(
        url + 'rtmposev1/',
        dict(
            m='cspnext-m_udp-body7_210e-384x288-b9bc2b57_20230504.pth',
            l='cspnext-l_udp-body7_210e-384x288-b15bc30d_20230504.pth',
            x='cspnext-x_udp-body7_210e-384x288-d28b58e6_20230529.pth',
        ),
    ),
    # from a whole RTMPose
    rtmpose_body7_256x192=(
        url + 'rtmposev1/',
        dict(
            s='rtmpose-s_simcc-body7_pt-body7_420e-256x192-acd4a1ef_20230504.pth',
            m='rtmpose-m_simcc-body7_pt-body7_420e-256x192-e48f03d0_20230504.pth',
            l='rtmpose-l_simcc-body7_pt-body7_420e-256x192-4dba18fc_20230504.pth',
        ),
    ),
    rtmpose_body7_384x288=(
        url + 'rtmposev1/',
        dict(
            m='rtmpose-m_simcc-body7_pt-body7_420e-384x288-65e718c4_20230504.pth',
            l='rtmpose-l_simcc-body7_pt-body7_420e-384x288-3f5a1437_20230504.pth',
        ),
    ),
)
rtmpose = {
    trained_on: {
        size: dict(
            backbone=dict(sizes[size], init_cfg=dict(checkpoint=folder + file)),
            head=dict(in_channels=int(1024 * sizes[size]['widen_factor'])),
        )
        for size, file in files.items()
    }
    for trained_on, (folder, files) in weights.items()
}

model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    backbone=dict(
        type='CSPNeXt',
        arch='P5',
        expand_ratio=0.5,
        **sizes['m'],
        out_indices=(4,),
        channel_attention=True,
        norm_cfg=dict(type='SyncBN'),
        act_cfg=dict(type='SiLU'),
        init_cfg=dict(
            type='Pretrained',
            prefix='backbone.',
            checkpoint=url + 'rtmposev1/' + aic_coco['m'],
        ),
    ),
    head=dict(
        type='RTMCCHead',
        in_channels=768,
        out_channels=17,
        simcc_split_ratio=2.0,
        final_layer_kernel_size=7,
        gau_cfg=dict(
            hidden_dims=256,
            s=128,
            expansion_factor=2,
            dropout_rate=0.0,
            drop_path=0.0,
            act_fn='SiLU',
            use_rel_bias=False,
            pos_enc=False,
        ),
        loss=dict(type='KLDiscretLoss', use_target_weight=True, beta=10.0, label_softmax=True),
    ),
    test_cfg=dict(flip_test=True),
)
del sizes, url, aic_coco, weights
