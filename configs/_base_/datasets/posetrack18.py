_base_ = './coco.py'

_links = [
    ('nose', 'head_bottom'),
    ('nose', 'head_top'),
    ('head_bottom', 'left_shoulder'),
    ('head_bottom', 'right_shoulder'),
]

# COCO's keypoints and links with two points of the head in place of the eyes
dataset_info = dict(
    dataset_name='posetrack18',
    paper_info=dict(
        author='Andriluka, Mykhaylo and Iqbal, Umar and Insafutdinov, Eldar and '
        'Pishchulin, Leonid and Milan, Anton and Gall, Juergen and Schiele, Bernt',
        title='Posetrack: A benchmark for human pose estimation and tracking',
        container='Proceedings of the IEEE Conference on Computer Vision and Pattern Recognition',
        year='2018',
        homepage='https://posetrack.net/users/download.php',
    ),
    keypoint_info={1: dict(name='head_bottom', swap=''), 2: dict(name='head_top', swap='')},
    skeleton_info={
        '_delete_': True,
        **{i: link for i, link in _base_.dataset_info.skeleton_info.items() if i < 12},
        **{i: dict(link=link, id=i, color=[51, 153, 255]) for i, link in enumerate(_links, 12)},
    },
)

del _links
