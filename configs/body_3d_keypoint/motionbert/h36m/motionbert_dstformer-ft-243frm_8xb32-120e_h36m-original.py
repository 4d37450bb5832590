_base_ = [
    './motionbert_dstformer-ft-243frm_8xb32-120e_h36m.py',
    '../../../_base_/data/h36m_original.py',
]
train_dataloader = dict(dataset=_base_.original_train)
val_dataloader = dict(dataset=_base_.original_test)
test_dataloader = val_dataloader
