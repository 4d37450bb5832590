_base_ = './coco.py'

dataset_info = dict(
    dataset_name='macaque',
    paper_info=dict(
        author='Labuguen, Rollyn and Matsumoto, Jumpei and Negrete, Salvador and '
        'Nishimaru, Hiroshi and Nishijo, Hisao and Takada, Masahiko and Go, Yasuhiro and '
        'Inoue, Ken-ichi and Shibata, Tomohiro',
        title='MacaquePose: A novel "in the wild" macaque monkey pose dataset for markerless '
        'motion capture',
        container='bioRxiv',
        year='2020',
        homepage='http://www.pri.kyoto-u.ac.jp/datasets/macaquepose/index.html',
    ),
)
