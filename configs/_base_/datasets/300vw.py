_base_ = './300w.py'

dataset_info = dict(
    dataset_name='300vw',
    paper_info=dict(
        author='Jie Shen, Stefanos Zafeiriou, Grigorios G. Chrysos, Jean Kossaifi, '
        'Georgios Tzimiropoulos, Maja Pantic',
        title='The First Facial Landmark Tracking in-the-Wild Challenge: Benchmark and Results',
        container='Proceedings of the IEEE international conference on computer vision workshops',
        year='2016',
        homepage='https://ibug.doc.ic.ac.uk/resources/300-VW/',
    ),
)
