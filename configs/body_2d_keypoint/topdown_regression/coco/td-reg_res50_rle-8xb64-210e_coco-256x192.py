_base_ = './td-reg_res50_8xb64-210e_coco-256x192.py'
model = dict(head=dict(type='RLEHead', loss=dict(type='RLELoss')))
optim_wrapper = dict(optimizer=dict(lr=1e-3))
val_evaluator = dict(score_mode='bbox_rle')
test_evaluator = val_evaluator
