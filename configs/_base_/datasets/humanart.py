_base_ = './coco.py'

dataset_info = dict(
    dataset_name='Human-Art',
    paper_info=dict(
        author='Ju, Xuan and Zeng, Ailing and Wang, Jianan and Xu, Qiang and Zhang, Lei',
        title='Human-Art: A Versatile Human-Centric Dataset Bridging Natural and Artificial Scenes',
        container='Proceedings of the IEEE/CVF Conference on Computer Vision and '
        'Pattern Recognition',
        year='2023',
        homepage='https://idea-research.github.io/HumanArt/',
    ),
)
