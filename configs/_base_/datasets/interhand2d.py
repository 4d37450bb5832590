_base_ = './rhd2d.py'

_wrist, *_fingers = _base_.dataset_info.keypoint_info.values()

dataset_info = dict(
    dataset_name='interhand2d',
    paper_info=dict(
        author='Moon, Gyeongsik and Yu, Shoou-I and Wen, He and Shiratori, Takaaki and '
        'Lee, Kyoung Mu',
        title='InterHand2.6M: A dataset and baseline for 3D interacting hand pose estimation from '
        'a single RGB image',
        container='arXiv',
        year='2020',
        homepage='https://mks0601.github.io/InterHand2.6M/',
    ),
    keypoint_info={i: dict(kpt, id=i) for i, kpt in enumerate([*_fingers, _wrist])},
)

del _wrist, _fingers
