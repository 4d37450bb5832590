_base_ = './onehand10k.py'

dataset_info = dict(
    dataset_name='panoptic_hand2d',
    paper_info=dict(
        author='Simon, Tomas and Joo, Hanbyul and Matthews, Iain and Sheikh, Yaser',
        title='Hand keypoint detection in single images using multiview bootstrapping',
        container='Proceedings of the IEEE conference on Computer Vision and Pattern Recognition',
        year='2017',
        homepage='http://domedb.perception.cs.cmu.edu/handdb.html',
    ),
)
