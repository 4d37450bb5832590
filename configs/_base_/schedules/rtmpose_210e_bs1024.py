# As RTMPose is trained: AdamW with a cosine over the second half, here of 210 epochs, at a rate set
# for 1024 samples a step; `ema_hook`, for `custom_hooks`, keeps a moving average of the weights.
_base_ = ['./adamw-cosine_210e_bs1024.py', './ema_hook.py']
randomness = dict(seed=21)
