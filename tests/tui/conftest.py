"""Fixtures of the screen's tests, which do not depend on the speed of the machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from jem_tui.tui.state import pending
from tests.wait_until import PATIENCE


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


@pytest.fixture(autouse=True)
def lasting_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test time for the second press that confirms a command."""
    monkeypatch.setattr(pending, "CONFIRM_SECONDS", PATIENCE)


@pytest.fixture(scope="session", autouse=True)
def awaited_event_loop() -> Iterator[None]:
    """Let keys and pauses of a pilot wait until the event loop is idle.

    Textual waits until the process is, with all its threads: a source that emits steps delays every key by up to two seconds.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module in (textual.app, textual.pilot):
            patch.setattr(module, "wait_for_idle", event_loop_is_idle)
        yield


async def event_loop_is_idle(shortest: float = 0.0) -> None:
    """Return after `shortest` seconds, but at least 20 ms, once no task can continue."""
    deadline = time.monotonic() + PATIENCE
    await asyncio.sleep(max(shortest, 0.02))
    # The queue of a loop has no public name
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    while ready and time.monotonic() < deadline:
        await asyncio.sleep(0)


@pytest.fixture
def true_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that the tests run in a terminal with true colours."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
