_parts = ['collar', 'sleeve', 'waistline', 'hem']
_keypoints = [
    (f'{side} {part}', f'{mirror} {part}')
    for part in _parts
    for side, mirror in [('left', 'right'), ('right', 'left')]
]

dataset_info = dict(
    dataset_name='deepfashion_full',
    paper_info=dict(
        author='Liu, Ziwei and Luo, Ping and Qiu, Shi and Wang, Xiaogang and Tang, Xiaoou',
        title='DeepFashion: Powering Robust Clothes Recognition and Retrieval with Rich '
        'Annotations',
        container='Proceedings of IEEE Conference on Computer Vision and Pattern Recognition '
        '(CVPR)',
        year='2016',
        homepage='http://mmlab.ie.cuhk.edu.hk/projects/DeepFashion/LandmarkDetection.html',
    ),
    # the ids start anew behind the sleeves, as published
    keypoint_info={
        i: dict(name=name, id=i % 4, color=[255, 255, 255], type='', swap=mirror)
        for i, (name, mirror) in enumerate(_keypoints)
    },
    skeleton_info={},
    joint_weights=[1.0] * len(_keypoints),
    sigmas=[],
)

del _parts, _keypoints
