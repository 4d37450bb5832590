_base_ = './coco_wholebody.py'

_red = [247, 34, 5]

dataset_info = dict(
    dataset_name='h3wb',
    paper_info=dict(
        author='Yue Zhu, Nermin Samet, David Picard',
        title='H3WB: Human3.6M 3D WholeBody Dataset and Benchmark',
        container='International Conf. on Computer Vision (ICCV)',
        year='2023',
        homepage='https://github.com/wholebody3d/wholebody3d',
    ),
    keypoint_info={
        **{i: dict(color=_red, type='upper') for i in range(23, 91)},  # face
        **{i: dict(color=_red) for i in (91, 112)},  # roots of the hands
    },
)

del _red
