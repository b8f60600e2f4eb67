"""The recording of a run whose ranks the launcher starts again."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.api.leading_rank import LeadingRank, restarts_left
from jem_tui.events.run import Event
from tests.jem.runs import small_config
from tests.stream.stream_events import step_done, stopped


def torchrun_variables(count: int, most: int) -> dict[str, str]:
    return {"TORCHELASTIC_RESTART_COUNT": str(count), "TORCHELASTIC_MAX_RESTARTS": str(most)}


def test_only_torchrun_restarts_ranks_and_only_so_often():
    assert restarts_left(torchrun_variables(0, 1)) and restarts_left(torchrun_variables(2, 3))
    assert not restarts_left(torchrun_variables(1, 1)) and not restarts_left(torchrun_variables(0, 0))
    assert not restarts_left({}) and not restarts_left({"TORCHELASTIC_MAX_RESTARTS": "three"})


@pytest.mark.parametrize(
    ("continues", "count", "reason", "recorded"),
    [
        (True, 0, "failed", False),
        (True, 1, "failed", True),
        (False, 0, "failed", True),
        (True, 0, "interrupted", True),
        (True, 0, "diverged", True),
        (True, 0, "finished", True),
    ],
)
def test_a_failure_before_a_restart_is_not_the_end_of_the_recording(
    monkeypatch: pytest.MonkeyPatch, continues: bool, count: int, reason: str, recorded: bool
):
    for name, value in torchrun_variables(count, 1).items():
        monkeypatch.setenv(name, value)
    leading = LeadingRank(small_config(), Path("run"), lambda: None, False)
    leading.continues = continues
    found: list[Event] = []
    record = leading.recorded_by(found.append)
    events = [step_done(1), stopped(1, reason=reason)]
    for event in events:
        record(event)
    assert found == events[: 1 + recorded]
