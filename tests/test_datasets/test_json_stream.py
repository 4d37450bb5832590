import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mmpose.datasets.datasets.base.json_stream import JsonStream

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=10,
)
CHUNKS = st.integers(1, 9)


def stream(text, chunk=4):
    return JsonStream(io.BytesIO(text.encode()), chunk)


def encoded(value, ascii_only, spacious):
    return json.dumps(value, ensure_ascii=ascii_only, indent=1 if spacious else None)


@settings(deadline=None)
@given(JSON, CHUNKS, st.booleans(), st.booleans())
def test_values(value, chunk, ascii_only, spacious):
    reader = stream(encoded(value, ascii_only, spacious), chunk)
    assert reader.value() == value
    reader.end()


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=4), JSON, max_size=4), CHUNKS, st.booleans(), st.booleans())
def test_objects_by_name(value, chunk, ascii_only, spacious):
    reader = stream(encoded(value, ascii_only, spacious), chunk)
    assert {name: reader.value() for name in reader.names()} == value
    reader.end()


OBJECTS = st.dictionaries(st.text(max_size=4), st.integers() | st.text(max_size=6), max_size=3)


@settings(deadline=None)
@given(st.lists(JSON | OBJECTS, max_size=6), CHUNKS, st.booleans(), st.booleans())
@example([{'a': 'ä"}{'}, {'b': '\\'}, {}, 12], 1, False, False)
@example([{'a': {'b': '}'}}, {'€': 1}, {'c': 2}], 3, False, True)
def test_lists_and_the_places_of_their_values(value, chunk, ascii_only, spacious):
    text = encoded(value, ascii_only, spacious)
    assert list(stream(text, chunk).elements()) == value
    for size in (chunk, 1 << 20):
        reader = stream(text, size)
        spans = list(reader.spans())
        reader.end()
        assert [json.loads(part) for _, part in spans] == value
        content = text.encode()
        for place, part in spans:
            assert content[place:].startswith(part.encode())


@pytest.mark.parametrize(
    'text',
    ['', '[1 2]', '[1,]', '[1', '[', '[,1]', '[{"a": 1}', '[{"a": 1},]', '[{"a": 1} {"a": 1}]'],
)
@pytest.mark.parametrize('chunk', [1, 100])
def test_what_is_no_list(text, chunk):
    for read in (JsonStream.elements, JsonStream.spans):
        with pytest.raises(json.JSONDecodeError):
            list(read(stream(text, chunk)))


@pytest.mark.parametrize('text', ['', '[]', '{1: 2}', '{"a" 1}', '{"a": 1,}', '{"a": 1', '{"a": }'])
def test_what_is_no_object(text):
    reader = stream(text)
    with pytest.raises(json.JSONDecodeError):
        [reader.value() for _ in reader.names()]


def test_more_than_one_value():
    reader = stream('12 3')
    assert reader.value() == 12
    with pytest.raises(json.JSONDecodeError, match='Expecting the end'):
        reader.end()


def test_what_is_no_text():
    with pytest.raises(UnicodeDecodeError):
        JsonStream(io.BytesIO(b'"a\xff"')).value()
    with pytest.raises(UnicodeDecodeError):  # cut within a character
        JsonStream(io.BytesIO('"ä'.encode()[:-1]), 1).value()
