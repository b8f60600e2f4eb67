"""Questions about chains and drawings between a viewer and its run, as checked JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.chain_facts import ChainInspection, ChainRefusal
from jem_tui.events.drawing import (
    DrawingFailure,
    DrawingModel,
    DrawingRequest,
    DrawingScore,
    EnergyReference,
)
from jem_tui.stream.attach.frames import PROTOCOL, FrameParser, ProtocolError
from jem_tui.stream.attach.messages import pack_message, parse_message
from jem_tui.stream.attach.questions import Answer, Ask, sendable

IMAGE = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
SHARES = np.array([0.25, 0.75], np.float32)
INSPECTION = ChainInspection(
    chain=3, step=7, probabilities=SHARES, nearest=IMAGE, nearest_label=1, distance=4.5, mean=IMAGE
)
SCORE = DrawingScore(number=2, step=7, probabilities=SHARES, energy=-3.5, image=IMAGE, moved=4, seconds=0.01)
ENERGIES = EnergyReference(
    step=7, train=SHARES, held_out=SHARES, chains=SHARES[:0], threshold=0.5, kept=0.95, false_positives=0.1, tested=9
)
REFUSAL = ChainRefusal(chain=40, text="It belongs to another rank.")
CONTENTS = [
    INSPECTION,
    REFUSAL,
    SCORE,
    ENERGIES,
    DrawingModel(shape=(2, 2, 3), class_names=("cat", "dög"), paper=255, averaged=True),
    DrawingFailure(text="No.", final=True),
]
DRAWING = DrawingRequest(number=1, pixels=IMAGE, steps=2, label=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["shape", "bytes"]), inner),
    max_leaves=8,
)


def payload(message: Ask | Answer) -> bytes:
    (frame,) = FrameParser().feed(pack_message(message))
    return frame.payload


def shown(content: object) -> dict[str, Any]:
    """Return the fields of a dataclass with arrays as lists."""
    return {name: repr(getattr(content, name)) for name in type(content).__dataclass_fields__}  # type: ignore[attr-defined]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda content: type(content).__name__)
def test_an_answer_arrives_unchanged(content: Any):
    found = parse_message(payload(Answer(number=9, content=content)))
    assert isinstance(found, Answer) and found.number == 9
    assert type(found.content) is type(content) and shown(found.content) == shown(content)


@pytest.mark.parametrize("drawing", [None, DRAWING, DrawingRequest(number=5, steps=20)])
def test_a_question_arrives_unchanged(drawing: DrawingRequest | None):
    found = parse_message(payload(Ask(number=9, chain=4, drawing=drawing)))
    assert isinstance(found, Ask) and (found.number, found.chain) == (9, 4)
    assert (found.drawing is None) == (drawing is None)
    assert drawing is None or shown(found.drawing) == shown(drawing)


def test_energies_that_are_not_finite_arrive_as_unknown():
    odd = replace(SCORE, energy=math.inf, probabilities=np.array([np.nan, 1.0], np.float32))
    found = parse_message(payload(Answer(number=1, content=odd)))
    assert isinstance(found, Answer) and isinstance(found.content, DrawingScore)
    assert math.isnan(found.content.energy) and np.isnan(found.content.probabilities).tolist() == [True, False]


@given(
    st.sampled_from([Ask(number=1, drawing=DRAWING), *(Answer(number=1, content=each) for each in CONTENTS)]), st.data()
)
def test_fields_that_are_malformed_raise_protocol_errors_alone(message: Ask | Answer, data: st.DataObject):
    content = json.loads(payload(message))
    place = content.get("drawing") or content["fields"]
    name = data.draw(st.sampled_from(sorted(place)))
    place[name] = data.draw(JSON)
    try:
        parse_message(json.dumps(content).encode())
    except ProtocolError as error:
        assert "does not speak the protocol" in str(error)


@pytest.mark.parametrize(
    "pixels",
    [
        {"shape": [2, 2, 3], "bytes": ""},
        {"shape": [2, 2, 2], "bytes": "AAAAAAAAAAA="},
        {"shape": [1 << 30, 1 << 30, 3], "bytes": "AAAA"},
        {"shape": [5_000, 1, 3], "bytes": "AAAA" * 5_000},
        {"shape": [2, 2], "bytes": "AAAAAA=="},
        {"shape": [2, 2, 3], "bytes": "=" * 16},
        [1, 2],
    ],
)
def test_an_image_that_is_not_one_is_refused(pixels: Any):
    content = json.loads(payload(Ask(number=1, drawing=DRAWING)))
    content["drawing"]["pixels"] = pixels
    with pytest.raises(ProtocolError):
        parse_message(json.dumps(content).encode())


def test_a_score_without_any_class_is_refused():
    content = json.loads(payload(Answer(number=1, content=SCORE)))
    content["fields"]["probabilities"] = []
    with pytest.raises(ProtocolError):
        parse_message(json.dumps(content).encode())


def test_an_answer_that_no_viewer_accepts_is_not_sent():
    huge = np.zeros((1000, 1000, 1), np.uint8)
    unsendable = Answer(number=1, content=replace(INSPECTION, nearest=huge))
    assert sendable(unsendable, (1, 1)) is None
    refusal = sendable(unsendable, PROTOCOL)
    assert refusal is not None and isinstance(refusal.content, ChainRefusal) and refusal.content.chain == 3
    failure = sendable(Answer(number=1, content=replace(SCORE, image=huge)), (1, 1))
    assert failure is not None and isinstance(failure.content, DrawingFailure) and failure.content.final


def test_an_answer_of_an_unknown_kind_is_left_out():
    content = {**json.loads(payload(Answer(number=1, content=REFUSAL))), "name": "ChainPoem"}
    assert parse_message(json.dumps(content).encode()) is None
