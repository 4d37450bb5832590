_base_ = './coco_aic.py'

dataset_info = dict(
    dataset_name='humanart',
    paper_info=[
        dict(
            author='Ju, Xuan and Zeng, Ailing and Wang, Jianan and Xu, Qiang and Zhang, Lei',
            title='Human-Art: A Versatile Human-Centric Dataset Bridging Natural and Artificial '
            'Scenes',
            container='CVPR',
            year='2023',
            homepage='https://idea-research.github.io/HumanArt/',
        ),
        _base_.dataset_info.paper_info[1],
    ],
)
