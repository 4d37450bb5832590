_base_ = [
    './video-pose-lift_tcn-27frm-semi-supv_8xb64-200e_h36m.py',
    '../../../_base_/data/h36m_cpn.py',
]
val_dataloader = dict(dataset=_base_.cpn_test)
test_dataloader = val_dataloader
