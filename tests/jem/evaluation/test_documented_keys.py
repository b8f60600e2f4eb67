"""The JSON of an evaluation and its page of the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

from jem_tui.jem.evaluation.evaluate_run import Evaluation
from jem_tui.jem.evaluation.paired import McNemar
from jem_tui.jem.evaluation.scores import LOG_PX, MASS, MAX_PY
from jem_tui.jem.evaluation.typicality import TYPICALITY

PAGE = Path(__file__).parents[3] / "docs" / "evaluation.md"
NOT_WRITTEN = {"nearest", "correct", "measured"}
P_VALUE = "p"
"""A key that is written without code style, which is that of keys of the keyboard."""
LEVELS = {"schema", "run", "evaluation", "against", "mcnemar"}
VALUES = {
    *{LOG_PX, MAX_PY, MASS, TYPICALITY},
    *{"test", "validation", "far", "near", "control", "other", "linf", "l2"},
    *{"buffer", "initial", "informative", "conditional", "gaussians", "noise", "energy", "top", "left"},
}
"""Values that the page names in the same style as keys."""


def fields_of(kind: Any) -> Iterator[str]:
    """Yield the names of all fields of a class and of the classes that they contain."""
    if not is_dataclass(kind):
        for part in get_args(kind):
            yield from fields_of(part)
        return
    for name, hint in get_type_hints(kind).items():
        yield name
        yield from fields_of(hint)


def test_the_page_names_every_key_and_nothing_else():
    text = PAGE.read_text(encoding="utf-8").split("\n## JSON\n")[1]
    named = set(re.findall(r"`([a-z_0-9]+)`", text))
    written = {*fields_of(Evaluation), *fields_of(McNemar)} - NOT_WRITTEN
    keys = {name for name in written if not name.endswith("_interval")}
    assert keys - named == {P_VALUE}
    assert "(key p)" in text
    assert named - written - LEVELS - VALUES == set()
    assert {name.removesuffix("_interval") for name in written} <= keys
