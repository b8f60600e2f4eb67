"""Fixtures of the tests of the draw screen."""

from __future__ import annotations

import pytest

from jem_tui.tui.draw import open_draw_screen


@pytest.fixture(autouse=True)
def no_kept_drawings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the drawings of other tests."""
    monkeypatch.setattr(open_draw_screen, "KEPT", {})
