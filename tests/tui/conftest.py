"""Fixtures of the screen's tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet


@pytest.fixture(scope="session", autouse=True)
def parsed_style_rules() -> Iterator[None]:
    """Parse each style sheet once per set of variables for the apps of all tests; parsing is a third of an app's start."""
    parsed: dict[tuple[object, ...], list[RuleSet]] = {}
    parse = Stylesheet._parse_rules

    def parse_once(self: Stylesheet, css: str, *where: Any, **scope: Any) -> list[RuleSet]:
        key = (css, where, tuple(sorted(scope.items())), frozenset(self._variables.items()))
        if key not in parsed:
            parsed[key] = parse(self, css, *where, **scope)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture
def true_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that the tests run in a terminal with true colours."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
