"""Display of what could be read of a recording, and of a run that is not recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.events.left_out import LeftOut, LeftOutReason
from jem_tui.events.recording import Health
from jem_tui.events.run import Note
from jem_tui.stream.replay.replayer import Replayer
from jem_tui.stream.tfevents import codec
from jem_tui.stream.tfevents.records import EventFileWriter
from jem_tui.tui.app import JemApp
from jem_tui.tui.panes.header import alarm
from jem_tui.tui.panes.status_line import health_text
from jem_tui.tui.state.run_handle import RunHandle, driving
from jem_tui.tui.state.run_view import RunView
from tests.tui.sources import FakeSource, jem_app, run_started, shows, step_done, text_of, until


def account(*reasons: LeftOutReason) -> LeftOut:
    """Return five things left out for each reason."""
    return LeftOut({(reason, "point"): 5 for reason in reasons})


@pytest.mark.parametrize(
    ("health", "text"),
    [
        (None, ""),
        (Health(10_989, 0, 0, False), "  10,989 records"),
        (Health(10_989, 2, 1, True), "  10,989 records · 2 skipped · 1 gap · last record incomplete"),
        (Health(3, 0, 2, False), "  3 records · 2 gaps"),
        (Health(3, 0, 0, False, account("replaced", "no place")), "  3 records · 5 replaced · 5 not shown"),
        (Health(3, 1, 0, False, account("replaced", "too many", "senseless")), "  3 records · 1 skipped · 15 left out"),
    ],
)
def test_losses_are_counted_and_a_clean_recording_displays_none(health, text):
    assert "".join(health_text(health)) == text


def recorded(folder: Path) -> Path:
    """Return the folder of a run of forty steps, and its event file."""
    writer = EventFileWriter(folder)
    for event in [run_started(), *(step_done(step) for step in range(1, 41))]:
        writer.append(codec.encode(event))
    writer.close()
    return writer.path


async def test_a_damaged_and_truncated_recording_plays_and_reports_its_losses(tmp_path):
    path = recorded(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data[:-5])
    app = JemApp(RunHandle(driving(lambda report: Replayer(tmp_path, speed=100), lambda event: None)), label="replay")
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: shows(app, "40 records · 1 skipped · last record incomplete"))


async def test_an_outage_is_displayed_until_recording_resumes():
    source = FakeSource()
    app = jem_app(source)
    async with app.run_test(size=(120, 35)) as pilot:
        await until(pilot, lambda: "TRAINING" in text_of(app, "#header"))
        assert "NOT RECORDED" not in text_of(app, "#header")
        app.state.apply(Note(step=1, images=1, time=0.0, text="The run cannot be recorded.", kind="outage"))
        await until(pilot, lambda: "NOT RECORDED" in text_of(app, "#header"))
        app.state.apply(Note(step=2, images=2, time=0.0, text="checkpoint saved", kind="checkpoint"))
        await until(pilot, lambda: "checkpoint saved" in text_of(app, "#note-list"))
        assert "NOT RECORDED" in text_of(app, "#header")
        app.state.apply(Note(step=3, images=3, time=0.0, text="The run is recorded again.", kind="recorded"))
        await until(pilot, lambda: "NOT RECORDED" not in text_of(app, "#header"))


def test_a_replay_does_not_display_an_outage():
    note = Note(step=1, images=1, time=0.0, text="The run cannot be recorded.", kind="outage")
    runs = [RunView(run_started(abilities=abilities)) for abilities in (frozenset({"save"}), frozenset({"seek"}))]
    for run in runs:
        run.add_note(note)
    assert [bool(alarm(run)) for run in runs] == [True, False]
