default_scope = 'mmpose'
default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=10))
