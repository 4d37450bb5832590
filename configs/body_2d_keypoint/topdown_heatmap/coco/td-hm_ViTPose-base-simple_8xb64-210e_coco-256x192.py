_base_ = './td-hm_ViTPose-base_8xb64-210e_coco-256x192.py'

# the map is enlarged by interpolation in place of deconvolutions
model = dict(
    neck=dict(type='FeatureMapProcessor', scale_factor=4.0, apply_relu=True),
    head=dict(
        deconv_out_channels=[],
        deconv_kernel_sizes=[],
        final_layer=dict(kernel_size=3, padding=1),
    ),
)
