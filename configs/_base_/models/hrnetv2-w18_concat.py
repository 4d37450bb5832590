# HRNetV2-W18 whose branches are brought to stride 4 and joined, to take the place of a model's
# backbone and deconvolutions: `model = _base_.hrnetv2_w18_concat`.
_base_ = './hrnet.py'

hrnetv2_w18_concat = dict(
    backbone=_base_.hrnetv2_w18,
    neck=dict(type='FeatureMapProcessor', concat=True),
    head=dict(
        in_channels=270,
        deconv_out_channels=None,
        conv_out_channels=(270,),
        conv_kernel_sizes=(1,),
    ),
)
