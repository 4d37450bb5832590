# RTMPose for the 133 keypoints of COCO-WholeBody.
_base_ = './rtmpose.py'
model = dict(head=dict(out_channels=133))
