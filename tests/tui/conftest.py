"""Fixtures of the screen's tests."""

from __future__ import annotations

import pytest


@pytest.fixture
def true_colour_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that the tests run in a terminal with true colours."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
