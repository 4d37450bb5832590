import numpy as np
import pytest

from mmpose.datasets.converters import ConversionError, convert
from mmpose.datasets.converters.cvat import read

LABELS = """
<meta><task><labels>
  <label><name>mouse</name><type>skeleton</type><svg>
    &lt;line data-type="edge" data-node-from="2" data-node-to="1"&gt;&lt;/line&gt;
    &lt;circle data-type="element node" data-node-id="1" data-label-name="snout"&gt;&lt;/circle&gt;
    &lt;circle data-type="element node" data-node-id="2" data-label-name="tail"&gt;&lt;/circle&gt;
  </svg></label>
  <label><name>snout</name><type>points</type><parent>mouse</parent></label>
  <label><name>tail</name><type>points</type><parent>mouse</parent></label>
  <label><name>rat</name><type>skeleton</type></label>
  <label><name>paw</name><type>points</type><parent>rat</parent></label>
</labels><source>clip.mp4</source></task></meta>
"""
IMAGES = """
<image id="0" name="a/0.png" width="64" height="48" subset="Train">
  <skeleton label="mouse" group_id="4" z_order="0">
    <points label="tail" outside="0" occluded="1" points="30.5,24.25"/>
    <points label="snout" outside="0" occluded="0" points="10,20"/>
  </skeleton>
  <skeleton label="mouse" z_order="0">
    <points label="snout" outside="0" occluded="0" points="1,2"/>
    <points label="tail" outside="1" occluded="0" points="3,4"/>
  </skeleton>
  <box label="mouse" xtl="5" ytl="15" xbr="40" ybr="30" group_id="4"/>
</image>
<image id="1" name="a/1.png" width="64" height="48" subset="Validation">
  <skeleton label="mouse"><points label="tail" points="7,8"/></skeleton>
</image>
"""


def document(*parts):
    return f'<annotations><version>1.1</version>{"".join(parts)}</annotations>'


def skeletons(writer):
    return [np.reshape(ann['keypoints'], (-1, 3)).tolist() for ann in writer.annotations]


@pytest.fixture
def export(tmp_path, picture, text):
    def make(*parts):
        for i in range(2):
            picture(tmp_path / 'export' / 'images' / 'a' / f'{i}.png')
        text(tmp_path / 'export' / 'annotations.xml', document(*parts))
        return tmp_path / 'export'

    return make


def test_skeletons_of_images(export, tmp_path):
    writer = read(export(LABELS, IMAGES), tmp_path)
    assert writer.keypoints == ['snout', 'tail']
    assert writer.links == [('tail', 'snout')]
    assert writer.categories == ['mouse']
    assert skeletons(writer) == [
        [[10, 20, 2], [30.5, 24.25, 1]],
        [[1, 2, 2], [0, 0, 0]],
        [[0, 0, 0], [7, 8, 2]],
    ]
    assert [ann['bbox'] for ann in writer.annotations] == [[5, 15, 35, 15], None, None]
    assert writer.splits == {1: 'train', 2: 'val'}
    assert writer.groups == {1: 'a', 2: 'a'}


def test_converted_images(export, tmp_path):
    result = convert('cvat', export(LABELS, IMAGES), tmp_path / 'out')
    assert result.num_usable == dict(train=2, val=1)
    assert result.image_prefix == '../export/images'


def test_pictures_may_lie_flat_or_by_subset(tmp_path, picture, text):
    folder = tmp_path / 'export'
    picture(folder / '0.png')
    picture(folder / 'Validation' / 'a' / '1.png')
    text(folder / 'annotations.xml', document(LABELS, IMAGES))
    names = [image['file_name'] for image in read(folder, tmp_path).images]
    assert names == ['0.png', 'Validation/a/1.png']


def test_without_labels_the_keypoints_are_those_drawn(export, tmp_path):
    writer = read(export(IMAGES), tmp_path)
    assert writer.keypoints == ['tail', 'snout']
    assert skeletons(writer)[0] == [[30.5, 24.25, 1], [10, 20, 2]]


def test_skeleton_is_chosen(export, tmp_path):
    rat = '<skeleton label="rat"><points label="paw" points="9,9"/></skeleton>'
    source = export(LABELS, IMAGES, f'<image name="a/0.png">{rat}</image>')
    with pytest.raises(ConversionError, match=r'skeletons mouse, rat have different keypoints; ch'):
        read(source, tmp_path)
    assert skeletons(read(source, tmp_path, label='rat')) == [[[9, 9, 2]]]
    with pytest.raises(ConversionError, match="no skeleton labelled 'cat'; it has mouse, rat"):
        read(source, tmp_path, label='cat')


def test_single_points_are_joined_by_group(export, tmp_path):
    labels = '<meta><label><name>tail</name></label><label><name>snout</name></label></meta>'
    image = """<image name="a/0.png">
        <points label="snout" points="1,2" group_id="1"/>
        <points label="snout" points="3,4" group_id="2" occluded="1"/>
        <points label="tail" points="5,6" group_id="1"/>
        <points label="tail" points="7,8"/>
        <box label="x" xtl="2" ytl="3" xbr="9" ybr="9" group_id="2"/>
    </image>"""
    writer = read(export(labels, image), tmp_path)
    assert writer.keypoints == ['tail', 'snout']
    assert skeletons(writer) == [
        [[5, 6, 2], [1, 2, 2]],
        [[0, 0, 0], [3, 4, 1]],
        [[7, 8, 2], [0, 0, 0]],
    ]
    assert [ann['bbox'] for ann in writer.annotations] == [None, [2, 3, 7, 6], None]


def test_rows_of_points_are_instances(export, tmp_path):
    image = """<image name="a/0.png">
        <points label="mouse" points="1,2;3,4"/>
        <points label="rat" points="5,6;7,8"/>
    </image>"""
    writer = read(export(image), tmp_path)
    assert writer.keypoints == ['1', '2']
    assert skeletons(writer) == [[[1, 2, 2], [3, 4, 2]], [[5, 6, 2], [7, 8, 2]]]
    assert [ann['category_id'] for ann in writer.annotations] == [1, 2]
    uneven = image.replace('5,6;7,8', '5,6')
    with pytest.raises(ConversionError, match='its points have 1, 2 places; expected one place'):
        read(export(uneven), tmp_path)


TRACKS = """
<track id="0" label="mouse">
  <skeleton frame="0" keyframe="1">
    <points label="snout" outside="0" occluded="0" points="1,2"/>
    <points label="tail" outside="0" occluded="0" points="3,4"/>
  </skeleton>
  <skeleton frame="1" keyframe="0">
    <points label="snout" outside="0" occluded="0" points="2,2"/>
    <points label="tail" outside="0" occluded="0" points="4,4"/>
  </skeleton>
  <skeleton frame="3" keyframe="1">
    <points label="snout" outside="1" occluded="0" points="2,2"/>
    <points label="tail" outside="1" occluded="0" points="4,4"/>
  </skeleton>
</track>
<track id="1" label="mouse">
  <skeleton frame="3" keyframe="1">
    <points label="snout" outside="0" occluded="1" points="5,6"/>
  </skeleton>
</track>
"""
TRACKED = [
    (0, 1, [[1, 2, 2], [3, 4, 2]]),
    (1, 1, [[2, 2, 2], [4, 4, 2]]),
    (3, 2, [[5, 6, 1], [0, 0, 0]]),
]


def tracked(writer):
    frames = {image['id']: image['frame_id'] for image in writer.images}
    return [
        (frames[ann['image_id']], ann['track_id'], rows)
        for ann, rows in zip(writer.annotations, skeletons(writer), strict=True)
    ]


def test_tracks_over_exported_frames(tmp_path, picture, text):
    for i in range(4):
        picture(tmp_path / 'x' / 'images' / f'frame_{i:06d}.PNG')
    text(tmp_path / 'x' / 'annotations.xml', document(LABELS, TRACKS))
    writer = read(tmp_path / 'x', tmp_path / 'out')
    assert tracked(writer) == TRACKED
    assert writer.images[2]['file_name'] == 'frame_000003.PNG'
    assert tracked(read(tmp_path / 'x', tmp_path, keyframes=True)) == TRACKED[::2]


def test_tracks_over_a_video(tmp_path, text, video):
    import cv2

    folder = tmp_path / 'x'
    path = text(folder / 'annotations.xml', document(LABELS, TRACKS))
    with pytest.raises(
        ConversionError, match=r"neither pictures frame_000000\.\* nor in a video '"
    ):
        read(folder, tmp_path)
    video(folder / 'clip.mp4')  # its name stands in the XML
    result = convert('cvat', path, tmp_path / 'out')
    assert result.num_images == dict(annotations=3)
    for index in (0, 1, 3):
        frame = cv2.imread(str(tmp_path / 'out' / 'images' / f'{index:06d}.png'))
        assert frame.mean() == pytest.approx(20 * index, abs=5)


def test_frames_after_the_end_are_dropped(tmp_path, text, video):
    text(tmp_path / 'x' / 'annotations.xml', document(LABELS, TRACKS))
    writer = read(tmp_path / 'x', tmp_path, video=str(video(tmp_path / 'short.mp4', 2)))
    assert tracked(writer) == TRACKED[:2]
    assert writer.examples == {'frame missing': ['3']}


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('<annotations>', r"annotations\.xml' is not XML: no element found: line 1"),
        ('<x/>', 'has <x> outermost; expected <annotations>'),
        (document(), 'it has neither skeletons nor points'),
        (document('<image><points points="1,2"/></image>'), "a <points> has no 'label'; it has"),
        (document('<image><points label="a" points="1"/></image>'), 'points="1"; expected x,y;x,y'),
        (document('<image><points label="a" points="1,2"/></image>'), "<image> has no 'name'"),
        (
            document('<image name="0.png"><points label="a" points="1,b"/></image>'),
            "a <points> has the number 'b'",
        ),
    ],
    ids=['cut', 'other', 'empty', 'label', 'place', 'name', 'number'],
)
def test_malformed(tmp_path, text, content, message):
    text(tmp_path / 'annotations.xml', content)
    with pytest.raises(ConversionError, match=message):
        read(tmp_path, tmp_path)
