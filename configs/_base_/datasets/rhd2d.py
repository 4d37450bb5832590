_base_ = './onehand10k.py'

# the wrist, then the joints of each finger from the tip to the palm
_order = [0, *(4 * finger + joint for finger in range(5) for joint in (4, 3, 2, 1))]

dataset_info = dict(
    dataset_name='rhd2d',
    paper_info=dict(
        author='Christian Zimmermann and Thomas Brox',
        title='Learning to Estimate 3D Hand Pose from Single RGB Images',
        container='arXiv',
        year='2017',
        homepage='https://lmb.informatik.uni-freiburg.de/resources/datasets/'
        'RenderedHandposeDataset.en.html',
    ),
    keypoint_info={
        i: dict(_base_.dataset_info.keypoint_info[j], id=i) for i, j in enumerate(_order)
    },
)

del _order
