import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.task_modules import MlvlPointGenerator, SimOTAAssigner

OKS = dict(type='PoseOKS', metainfo=None)


def make(**kwargs):
    return SimOTAAssigner(oks_calculator=OKS, **kwargs)


def priors(h, w, stride=8):
    generator = MlvlPointGenerator([stride])
    return generator.grid_priors([(h, w)], device='cpu', with_stride=True)[0]


def around(points, side=8.0):
    """Boxes of one size in which the points are the centres."""
    return torch.cat([points - side / 2, points + side / 2], dim=-1)


def truth(boxes, keypoints=None, visible=None, labels=None):
    boxes = torch.tensor(boxes).float().reshape(-1, 4)
    G = len(boxes)
    middles = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
    return InstanceData(
        bboxes=boxes,
        keypoints=middles if keypoints is None else torch.tensor(keypoints).float(),
        keypoints_visible=torch.ones(G, 1) if visible is None else torch.tensor(visible).float(),
        labels=torch.zeros(G, dtype=torch.long) if labels is None else torch.tensor(labels),
        areas=(boxes[:, 2:] - boxes[:, :2]).prod(-1),
    )


def predictions(grid, boxes=None, keypoints=None, scores=None):
    boxes = around(grid[:, :2]) if boxes is None else boxes
    A = len(grid)
    return InstanceData(
        priors=grid,
        bboxes=boxes,
        keypoints=grid[:, None, :2].clone() if keypoints is None else keypoints,
        keypoints_visible=torch.full((A, 1), 0.5),
        scores=torch.full((A, 1), 0.5) if scores is None else scores,
    )


def test_the_sum_of_similarities_is_the_number_of_cells():
    grid = priors(4, 4)
    instances = truth([[8, 8, 24, 24]])
    boxes = around(grid[:, :2], side=0.1)
    # the four cells in the box predict it well: 0.9 + 0.8 + 0.7 + 0.6 = 3.0 of overlap
    for cell, share in zip((5, 6, 9, 10), (0.9, 0.8, 0.7, 0.65), strict=True):
        boxes[cell] = torch.tensor([8, 8, 24, 8 + 16 * share])
    result = make().assign(predictions(grid, boxes), instances)
    assert result['num_gts'] == 1
    assert result['gt_inds'].nonzero().flatten().tolist() == [5, 6, 9]
    torch.testing.assert_close(result['max_overlaps'][[5, 6, 9]], torch.tensor([0.9, 0.8, 0.7]))
    assert (result['max_overlaps'][[0, 10]] == -1e5).all()
    assert result['labels'].tolist() == [0 if i in (5, 6, 9) else -1 for i in range(16)]


def test_an_instance_gets_at_least_one_cell():
    grid = priors(4, 4)
    nothing = torch.zeros(16, 4)
    result = make(center_radius=0.75).assign(
        predictions(grid, nothing), truth([[8, 8, 24, 24]], keypoints=[[[12, 20]]])
    )
    # all boxes are equally wrong; the keypoint of cell 9, (12, 20), is right
    assert result['gt_inds'].nonzero().tolist() == [[9]]
    assert result['max_overlaps'][9] == 0


def test_a_cell_goes_to_the_instance_that_it_costs_least():
    grid = priors(1, 2, stride=16)
    instances = truth([[0, 0, 32, 16], [0, 0, 32, 18]])
    boxes = torch.tensor([[0.0, 0, 32, 17], [0, 0, 1, 1]])
    result = make(oks_weight=0).assign(predictions(grid, boxes), instances)
    # both want the first cell, with overlaps of 16 / 17 and 17 / 18
    assert result['gt_inds'].tolist() == [2, 0]
    torch.testing.assert_close(result['max_overlaps'][0], torch.tensor(17 / 18))


def test_cells_far_from_an_instance_are_no_candidates():
    grid = priors(2, 2)
    result = make().assign(predictions(grid), truth([[500, 500, 510, 510]]))
    assert not result['gt_inds'].any()
    assert (result['labels'] == -1).all()


@pytest.mark.parametrize(('cells', 'boxes'), [((2, 2), []), ((0, 0), [[0, 0, 8, 8]])])
def test_nothing_to_assign(cells, boxes):
    result = make().assign(predictions(priors(*cells)), truth(boxes))
    A = cells[0] * cells[1]
    assert result['num_gts'] == len(boxes)
    assert result['gt_inds'].tolist() == [0] * A
    assert result['labels'].tolist() == [-1] * A
    assert result['max_overlaps'].tolist() == [-1e5] * A


def test_centres():
    grid = priors(1, 8)  # x = 4, 12, ..., 60
    keypoints, visible = [[[8, 4], [16, 4], [60, 4]]], [[1, 1, 0]]
    box = torch.tensor([[0.0, 0, 64, 8]])
    args = (grid, box, torch.tensor(keypoints).float(), torch.tensor(visible).float())
    valid, both = make(center_radius=1).get_in_gt_and_in_center_info(*args)
    assert valid.all()
    assert both[:, 0].nonzero().flatten().tolist() == [3, 4]  # within 8 of x = 32
    by_keypoints = make(center_radius=1, use_keypoints_for_center=True)
    _, both = by_keypoints.get_in_gt_and_in_center_info(*args)
    assert both[:, 0].nonzero().flatten().tolist() == [1]  # within 8 of x = 12, borders excluded
    unseen = (*args[:3], torch.zeros(1, 3))
    _, both = by_keypoints.get_in_gt_and_in_center_info(*unseen)
    assert both[:, 0].nonzero().flatten().tolist() == [3, 4]


def test_similarity_of_poses_can_decide():
    grid = priors(1, 4, stride=16)
    instances = truth([[0, 0, 64, 16]], keypoints=[[[32, 8]]])
    keypoints = torch.full((4, 1, 2), 1e4)
    keypoints[3] = torch.tensor([32.0, 8])
    pred = predictions(grid, instances.bboxes.repeat(4, 1), keypoints)
    assert (make(dynamic_k_indicator='iou').assign(pred, instances)['gt_inds'] == 1).all()
    result = make(dynamic_k_indicator='oks').assign(pred, instances)
    assert result['gt_inds'].tolist() == [0, 0, 0, 1]
    assert result['max_overlaps'][3] == 1


@pytest.mark.parametrize(('label', 'cell'), [(0, 1), (1, 2)])
def test_class_scores(label, cell):
    grid = priors(1, 4, stride=16)
    scores = torch.full((4, 2), 0.5)
    scores[1] = torch.tensor([0.9, 0.1])
    scores[2] = torch.tensor([0.1, 0.9])
    nothing = torch.zeros(4, 4)
    result = make(oks_weight=0).assign(
        predictions(grid, nothing, scores=scores), truth([[0, 0, 64, 16]], labels=[label])
    )
    assert result['gt_inds'].nonzero().tolist() == [[cell]]
    assert result['labels'][cell] == label


def test_visibility():
    grid = priors(1, 4, stride=16)
    pred = predictions(grid, torch.zeros(4, 4), torch.zeros(4, 2, 2))
    pred.keypoints_visible = torch.tensor([[0.9, 0.9], [0.1, 0.1], [0.9, 0.1], [0.1, 0.9]])
    instances = truth([[0, 0, 64, 16]], keypoints=[[[0, 0], [0, 0]]], visible=[[1, 0]])
    result = make(vis_weight=1.0).assign(pred, instances)
    assert result['gt_inds'].tolist() == [0, 0, 1, 0]


def slow_matching(cost, similarity, valid, topk):
    """The matching of the paper, instance by instance."""
    rows = valid.nonzero().flatten()
    matches = torch.zeros_like(cost, dtype=torch.bool)
    for g in range(cost.shape[1]):
        best = similarity[rows, g].sort(descending=True).values[:topk]
        k = max(int(best.sum()), 1)
        matches[rows[cost[rows, g].argsort()[:k]], g] = True
    instance = torch.full((len(cost),), -1)
    for a in rows.tolist():
        wanted = matches[a].nonzero().flatten().tolist()
        if wanted:
            instance[a] = wanted[0] if len(wanted) == 1 else cost[a].argmin()
    return instance


@pytest.mark.parametrize('seed', range(5))
def test_matching_of_all_instances_at_once(seed):
    rng = torch.Generator().manual_seed(seed)
    cost = torch.rand(60, 9, generator=rng)
    similarity = torch.rand(60, 9, generator=rng)
    valid = torch.rand(60, generator=rng) < 0.5
    overlaps, instance = make(candidate_topk=6).dynamic_k_matching(cost, similarity, 9, valid)
    assert instance.tolist() == slow_matching(cost, similarity, valid, 6).tolist()
    found = (instance >= 0).nonzero().flatten()
    torch.testing.assert_close(overlaps[found], similarity[found, instance[found]])


def test_nothing_waits_for_the_device():
    """Tensors without values show that no result of the device decides what runs there."""
    grid = priors(4, 4)
    scores = torch.full((16, 2), 0.5)
    pred = predictions(grid, scores=scores).to('meta')
    instances = truth([[8, 8, 24, 24], [0, 0, 9, 9]]).to('meta')
    result = make(vis_weight=1.0, use_keypoints_for_center=True).assign(pred, instances)
    assert all(result[name].shape == (16,) for name in ('gt_inds', 'labels', 'max_overlaps'))


def test_unknown_indicator():
    with pytest.raises(ValueError, match="dynamic_k_indicator is 'giou', but must be one of"):
        SimOTAAssigner(dynamic_k_indicator='giou')
