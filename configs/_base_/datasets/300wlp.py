_base_ = './300w.py'

# title, container and year stay those of 300W, and no point has a mirror image, as published
dataset_info = dict(
    dataset_name='300wlp',
    paper_info=dict(
        author='Xiangyu Zhu1, and Zhen Lei1 and Xiaoming Liu2, and Hailin Shi1 and Stan Z. Li1',
        homepage='http://www.cbsr.ia.ac.cn/users/xiangyuzhu/projects/3DDFA/main.htm',
    ),
    keypoint_info={i: dict(swap='') for i in range(68)},
)
