# HRNets that put out all four branches, to take the place of a model's backbone. Concatenated they
# are 480 (W32) or 720 (W48) channels at stride 4.
_base_ = './hrnet.py'

hrnet_w32 = dict(extra=dict(stage4=dict(multiscale_output=True)))
hrnet_w48 = dict(extra=dict(stage4=dict(multiscale_output=True)))
