"""Frames: pieces of any size give the same frames, and no bytes raise anything but ProtocolError."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.stream.attach.frames import MOST_BYTES, Frame, FrameParser, ProtocolError, head, pack

FRAMES = st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.binary(max_size=60)), max_size=6)


@given(FRAMES, st.lists(st.integers(0, 400), max_size=8))
def test_pieces_of_any_size_give_the_same_frames(frames: list[tuple[bytes, bytes]], cuts: list[int]):
    stream = b"".join(pack(kind, payload) for kind, payload in frames)
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    parser = FrameParser()
    found = [frame for a, b in pairwise(places) for frame in parser.feed(stream[a:b])]
    assert found == [Frame(*frame) for frame in frames]
    assert parser.is_between_frames


@given(st.lists(st.binary(max_size=40), max_size=5))
def test_no_bytes_raise_anything_but_protocol_errors(pieces: list[bytes]):
    parser = FrameParser(most_bytes=64)
    with suppress(ProtocolError):
        for piece in pieces:
            assert all(len(frame.payload) < 64 for frame in parser.feed(piece))


def test_an_unfinished_frame_is_noticed():
    parser = FrameParser()
    assert list(parser.feed(pack(b"J", b"{}")[:-1])) == []
    assert not parser.is_between_frames


def test_a_frame_beyond_the_limit_is_refused_before_its_payload_arrives():
    with pytest.raises(ProtocolError):
        list(FrameParser(most_bytes=10).feed(b"\0\0\0\x0bJ"))
    with pytest.raises(ProtocolError):
        list(FrameParser().feed(b"\0\0\0\0"))
    with pytest.raises(ProtocolError):
        head(b"R", MOST_BYTES)


def test_frames_before_a_violation_are_still_yielded():
    frames = FrameParser().feed(pack(b"J", b"{}") + b"\xff\xff\xff\xff")
    assert next(frames) == Frame(b"J", b"{}")
    with pytest.raises(ProtocolError):
        next(frames)
