_base_ = './rtmo-l_16xb16-700e_crowdpose-640x640.py'
model = _base_.rtmo.s
train_dataloader = dict(batch_size=32)
