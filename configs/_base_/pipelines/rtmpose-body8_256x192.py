# For mixtures of data sets: wide boxes, and stronger changes of colour in the first stage.
_base_ = './rtmpose-strong_256x192.py'
train_pipeline = [
    *_base_.train_pipeline[:7],
    dict(type='PhotometricDistortion'),
    *_base_.train_pipeline[7:],
]
