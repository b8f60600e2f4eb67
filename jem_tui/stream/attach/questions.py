"""Questions of viewers to a run that trains, and its answers, as checked JSON: about a chain, or about a drawing.

Both are optional parts of the protocol: a run answers them from version `SINCE` on.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jem_tui.events.chain_facts import ChainInspection, ChainRefusal
from jem_tui.events.command_json import flag, whole
from jem_tui.events.drawing import DrawingAnswer, DrawingFailure, DrawingModel, DrawingRequest, DrawingScore
from jem_tui.events.drawing import EnergyReference as Energies
from jem_tui.printable import printable

SINCE = (1, 1)
"""Version of the protocol from which on a run answers questions."""
REFUSALS_SINCE = (1, 2)
"""Version of the protocol from which on a viewer accepts the refusal of a question about a chain."""
ABILITIES = frozenset({"draw", "inspect"})
"""Abilities of a run that questions use."""
MOST_VALUES = 500_000
"""Maximum bytes of an image, which fit into a frame from a viewer."""
MOST_SIDE = 4_096
"""Maximum height and width of an image; the memory to draw one grows with the square of a side."""
MOST_STEPS = 20
"""Maximum sampler steps of one question."""
MOST_CLASSES = 10_000
MOST_ENERGIES = 10_000
MOST_TEXT = 4_000
NOT_SENDABLE = "The run cannot send this score to another process. Use jem-tui draw RUN on the machine of the run."
NOT_SENDABLE_CHAIN = "The run cannot send the facts about this chain to another process."
_LARGEST = 1 << 62

Answered = ChainInspection | ChainRefusal | DrawingAnswer
Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    """A question of a viewer about a chain, or about a drawing if there is one."""

    number: int
    """The number of the question, which its answers repeat."""
    chain: int = 0
    """Row of `Samples`."""
    drawing: DrawingRequest | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """An answer to a question, sent to the viewer that has asked. A question can have several answers, or none."""

    number: int
    content: Answered


def sendable(answer: Answer, protocol: tuple[int, int]) -> Answer | None:
    """Return `answer` if viewers accept it, else a refusal; None if a viewer of version `protocol` accepts neither."""
    content = answer.content
    try:
        answer_from_json(to_json(answer))
    except (KeyError, ValueError):
        if isinstance(content, ChainInspection | ChainRefusal):
            content = ChainRefusal(chain=content.chain, text=NOT_SENDABLE_CHAIN)
        else:
            content = DrawingFailure(text=NOT_SENDABLE, final=True)
        answer = Answer(number=answer.number, content=content)
    return None if isinstance(content, ChainRefusal) and protocol < REFUSALS_SINCE else answer


def to_json(message: Ask | Answer) -> dict[str, Any]:
    """Return the fields of a question or of an answer."""
    if isinstance(message, Ask):
        drawing = None if message.drawing is None else _plain_fields(message.drawing, _OF_DRAWING)
        return {"number": message.number, "chain": message.chain, "drawing": drawing}
    kind = type(message.content)
    return {
        "number": message.number,
        "name": kind.__name__,
        "fields": _plain_fields(message.content, _CONTENTS[kind]),
    }


def ask_from_json(content: Mapping[str, Any]) -> Ask:
    """Make the question of received fields. Raises ValueError for fields that are malformed or out of range."""
    drawing = content.get("drawing")
    if drawing is not None:
        drawing = DrawingRequest(**_checked(drawing, _OF_DRAWING))
    return Ask(number=_count(content.get("number")), chain=_count(content.get("chain")), drawing=drawing)


def answer_from_json(content: Mapping[str, Any]) -> Answer | None:
    """Make the answer of received fields, None for an answer of an unknown kind. Raises ValueError for fields that are malformed or out of range."""
    kind = _KINDS.get(_text(content.get("name")))
    if kind is None:
        return None
    return Answer(
        number=_count(content.get("number")), content=kind(**_checked(content.get("fields"), _CONTENTS[kind]))
    )


def _checked(fields: Any, checks: Mapping[str, Read]) -> dict[str, Any]:
    if not isinstance(fields, dict):
        raise ValueError("fields that are not an object")
    return {name: check(fields.get(name)) for name, check in checks.items()}


def _plain_fields(content: DrawingRequest | Answered, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(content, name)) for name in names}


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: an image as shape and base64, energies as a list, a number that is not finite as null."""
    if isinstance(value, np.ndarray) and value.dtype == np.uint8:
        return {"shape": list(value.shape), "bytes": base64.b64encode(value.tobytes()).decode()}
    if isinstance(value, np.ndarray | tuple):
        return [_plain(each) for each in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _number(value: Any) -> float:
    """Return a number, NaN for null."""
    if value is None:
        return math.nan
    if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > _LARGEST:
        raise ValueError("not a number")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MOST_TEXT:
        raise ValueError(f"not a text of at most {MOST_TEXT:,} characters")
    return printable(value)


def _list(most: int, value: Any, fewest: int = 0) -> list[Any]:
    if not isinstance(value, list) or not fewest <= len(value) <= most:
        raise ValueError(f"not a list of {fewest} to {most:,} values")
    return value


def _numbers(most: int, fewest: int = 0) -> Read:
    return lambda value: np.array([_number(each) for each in _list(most, value, fewest)], np.float32)


def _names(value: Any) -> tuple[str, ...]:
    return tuple(_text(each) for each in _list(MOST_CLASSES, value))


def _shape(value: Any) -> tuple[int, int, int]:
    """Return height, width and channels of an image of at most `MOST_VALUES` bytes, with sides of at most `MOST_SIDE`."""
    side = whole(1, MOST_SIDE)
    shape = tuple(side(each) for each in _list(3, value))
    if len(shape) != 3 or shape[2] not in (1, 3) or math.prod(shape) > MOST_VALUES:
        raise ValueError("not the shape of an image")
    return shape


def _image(value: Any) -> NDArray[np.uint8]:
    content = value if isinstance(value, dict) else {}
    shape, text = _shape(content.get("shape")), content.get("bytes")
    try:
        pixels = base64.b64decode(text if isinstance(text, str) else "-", validate=True)
    except binascii.Error:
        raise ValueError("a malformed image") from None
    if len(pixels) != math.prod(shape):
        raise ValueError("an image of another size than its shape")
    # A copy can be written to, as torch demands of an array
    return np.frombuffer(pixels, np.uint8).reshape(shape).copy()


def _optional(check: Read) -> Read:
    return lambda value: None if value is None else check(value)


_count = whole(0, _LARGEST)
_class = whole(0, MOST_CLASSES)
_shares, _energies = _numbers(MOST_CLASSES, 1), _numbers(MOST_ENERGIES)
_OF_DRAWING: dict[str, Read] = {
    "number": _count,
    "pixels": _optional(_image),
    "steps": whole(0, MOST_STEPS),
    "label": _optional(_class),
}
_CONTENTS: dict[type[Answered], dict[str, Read]] = {
    ChainInspection: {
        "chain": _count,
        "step": _count,
        "probabilities": _shares,
        "nearest": _optional(_image),
        "nearest_label": _class,
        "distance": _number,
        "mean": _optional(_image),
        "missing": _text,
    },
    ChainRefusal: {"chain": _count, "text": _text},
    DrawingModel: {"shape": _shape, "class_names": _names, "paper": whole(0, 255), "averaged": flag},
    DrawingScore: {
        "number": _count,
        "step": _count,
        "probabilities": _shares,
        "energy": _number,
        "image": _image,
        "moved": _count,
        "seconds": _number,
    },
    Energies: {
        "step": _count,
        "train": _energies,
        "held_out": _energies,
        "chains": _energies,
        "threshold": _number,
        "kept": _number,
        "false_positives": _number,
        "tested": _count,
    },
    DrawingFailure: {"text": _text, "final": flag},
}
"""Checks of the fields of each answer, which the conversion to JSON follows as well."""
_KINDS: dict[str, type[Answered]] = {kind.__name__: kind for kind in _CONTENTS}
