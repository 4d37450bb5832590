_base_ = [
    './video-pose-lift_tcn-243frm-supv_8xb128-160e_h36m.py',
    '../../../_base_/data/h36m_cpn.py',
]
train_dataloader = dict(dataset=_base_.cpn_train)
val_dataloader = dict(dataset=_base_.cpn_test)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=200)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
param_scheduler = [dict(type='ExponentialLR', gamma=0.98, end=200, by_epoch=True)]
