# AdamW for 300 epochs; the learning rate falls after 170 and 200, as in 210 epochs of Adam.
_base_ = './adam_210e_bs512.py'

train_cfg = dict(max_epochs=300)
optim_wrapper = dict(optimizer=dict(type='AdamW'))
