# A project's own data set and head on top of a config of its own.
_base_ = './flat_leaf.py'
custom_imports = dict(imports=['user_parts'], allow_failed_imports=False)

dataset_type = 'MyPeopleDataset'
train_dataloader = dict(dataset=dict(type=dataset_type))
val_dataloader = dict(dataset=dict(type=dataset_type))
test_dataloader = dict(dataset=dict(type=dataset_type))
model = dict(
    head=dict(
        _delete_=True,
        type='TinyHead',
        in_channels=64,
        out_channels=17,
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
        decoder={{_base_.codec}},
        anything='else',
    )
)
