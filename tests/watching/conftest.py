"""Fixtures for watched loops."""

from __future__ import annotations

import pytest

from jem_tui.events.run import Event
from jem_tui.watching.run_output import RunOutput


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Every event of the loop, those that are not recorded included."""
    found: list[Event] = []
    record = RunOutput.__call__

    def keep(self: RunOutput, event: Event) -> None:
        found.append(event)
        record(self, event)

    monkeypatch.setattr(RunOutput, "__call__", keep)
    return found
