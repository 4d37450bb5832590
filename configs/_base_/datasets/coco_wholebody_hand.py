_base_ = './coco_wholebody.py'

# points 91-111 of COCO-WholeBody, the left hand; alone it has no side, and its root is the wrist
_whole = _base_.dataset_info
_points = [_whole.keypoint_info[i] for i in range(91, 112)]
_links = [_whole.skeleton_info[i] for i in range(25, 45)]
_names = {
    point['name']: point['name'].removeprefix('left_').replace('hand_root', 'wrist')
    for point in _points
}

dataset_info = dict(
    dataset_name='coco_wholebody_hand',
    keypoint_info={
        '_delete_': True,
        **{
            i: dict(point, name=_names[point['name']], id=i, swap='')
            for i, point in enumerate(_points)
        },
    },
    skeleton_info={
        '_delete_': True,
        **{
            i: dict(link, link=tuple(_names[name] for name in link['link']), id=i)
            for i, link in enumerate(_links)
        },
    },
    joint_weights=_whole.joint_weights[91:112],
    sigmas=_whole.sigmas[91:112],
)

del _whole, _points, _links, _names
