import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads.transformer_heads.edpose_queries import (
    Denoising,
    denoising_mask,
    human_to_pose_mask,
    join_queries,
    noisy_boxes,
    noisy_labels,
    split_queries,
    with_denoising,
)
from mmpose.structures import PoseDataSample


def mask(*rows):
    """A mask from drawings: x where the row's query does not see the column's."""
    return torch.tensor([[cell == 'x' for cell in row.replace(' ', '')] for row in rows])


def sample(bboxes, **instances):
    sample = PoseDataSample()
    bboxes = np.array(bboxes, dtype=np.float32).reshape(-1, 4)
    keypoints = np.repeat(bboxes[:, None, :2], 3, axis=1)
    sample.gt_instances = InstanceData(bboxes=bboxes, keypoints=keypoints, **instances)
    return sample


def test_split_and_join():
    # one denoising query, then two humans with two keypoints each
    x = torch.arange(7.0)[None, :, None]
    humans, keypoints = split_queries(x, num_denoising=1, num_keypoints=2)
    assert humans[0, :, 0].tolist() == [0, 1, 4]
    assert keypoints[0, ..., 0].tolist() == [[2, 3], [5, 6]]
    assert torch.equal(join_queries(humans, keypoints, num_denoising=1), x)


def test_humans_see_humans_and_groups_themselves():
    expected = mask(
        '... .xx',  # the first human sees its keypoints, and the second human
        '... xxx',
        '... xxx',
        '.xx ...',
        'xxx ...',
        'xxx ...',
    )
    assert torch.equal(human_to_pose_mask(2, num_keypoints=2, device='cpu'), expected)


def test_repetitions_do_not_see_each_other():
    expected = torch.stack(
        [
            mask(
                '..xxx', '..xxx', 'xx..x', 'xx..x', 'xxxx.'
            ),  # two instances, two and a half times
            mask('.....', '.....', '.....', '.....', '.....'),  # none
            mask('.....', '.....', '.....', '.....', '.....'),  # more instances than queries
        ]
    )
    assert torch.equal(denoising_mask([2, 0, 7], 5, 'cpu'), expected)


def test_denoising_queries_are_not_seen():
    out = with_denoising(mask('.x', '..'), torch.stack([mask('.x', 'x.'), mask('..', '..')]))
    expected = mask('.x ..', 'x. ..', 'xx .x', 'xx ..')
    assert torch.equal(out[0], expected)
    assert torch.equal(out[1], mask('.. ..', '.. ..', 'xx .x', 'xx ..'))


class TestDenoising:
    def test_instances_are_repeated(self):
        boxes = [[0.1, 0.1, 0.1, 0.1], [0.2, 0.2, 0.1, 0.1]]
        known = Denoising(5, num_classes=2).repeat([sample(boxes), sample([])], 'cpu')
        first = known['known_bboxs'][0, :, 0]
        torch.testing.assert_close(first[:4], torch.tensor([0.1, 0.2, 0.1, 0.2]))
        assert first[4] in first[:2]
        assert tuple(known['known_keypoints'].shape) == (2, 5, 3, 2)
        # keypoints were put into the boxes' centres
        torch.testing.assert_close(known['known_keypoints'][0, :, 1, 0], first)
        # humans are of the last class; a label more says that there is none
        assert known['known_labels'].tolist() == [[1] * 5, [2] * 5]
        drawn = known['known_bboxs'][1]
        assert ((drawn >= 0) & (drawn < 1)).all()
        assert len(drawn.unique()) > 5

    def test_labels_of_the_instances(self):
        targets = [sample([[0.1] * 4, [0.2] * 4], labels=np.array([3, 1]))]
        known = Denoising(4, num_classes=5).repeat(targets, 'cpu')
        assert known['known_labels'].tolist() == [[3, 1, 3, 1]]

    def test_no_more_than_asked_for(self):
        known = Denoising(2, num_classes=2).repeat([sample(np.full((9, 4), 0.1))], 'cpu')
        assert tuple(known['known_bboxs'].shape) == (1, 2, 4)

    def test_without_noise_nothing_changes(self):
        denoising = Denoising(4, 2, dn_box_noise_scale=0, dn_label_noise_ratio=0)
        known = denoising.repeat([sample([[0.5, 0.5, 0.2, 0.2]])], 'cpu')
        labels, boxes = denoising.add_noise(known)
        assert torch.equal(labels, known['known_labels'])
        assert torch.equal(boxes, known['known_bboxs'])

    def test_errors(self):
        with pytest.raises(ValueError, match="it must hold 'group2group'"):
            Denoising(4, 2, dn_attn_mask_type_list=['match2dn'])
        with pytest.raises(ValueError, match='dn_labelbook_size is 2, less than num_classes=3'):
            Denoising(4, 3, dn_labelbook_size=2)


def test_noise_stays_within_its_reach():
    torch.manual_seed(0)
    boxes = torch.tensor([0.5, 0.5, 0.2, 0.1]).expand(2000, 4)
    moved = (noisy_boxes(boxes, scale=0.4) - boxes).abs().amax(0)
    # half a side of the centre, a side of the sides, times 0.4
    reach = torch.tensor([0.04, 0.02, 0.08, 0.04])
    assert (moved <= reach + 1e-6).all()
    assert (moved > 0.98 * reach).all()
    corner = noisy_boxes(torch.tensor([1.0, 0.0, 1.0, 1.0]).expand(100, 4), scale=1)
    assert corner.min() == 0
    assert corner.max() == 1


def test_labels_are_drawn_anew():
    torch.manual_seed(0)
    labels = torch.full((4000,), 9)
    drawn = noisy_labels(labels, ratio=0.25, num_labels=4)
    assert set(drawn.tolist()) == {0, 1, 2, 3, 9}
    assert (drawn == 9).float().mean() == pytest.approx(0.75, abs=0.03)
    assert torch.equal(noisy_labels(labels, ratio=0, num_labels=4), labels)
