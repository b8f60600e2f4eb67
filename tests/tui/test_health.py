"""What the screen says about how much of a recording could be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.stream import codec
from jem_tui.stream.history import Health
from jem_tui.stream.replayer import Replayer
from jem_tui.stream.tfevents import EventFileWriter
from jem_tui.tui.app import JemApp
from jem_tui.tui.widgets.status_line import health_text
from tests.tui.sources import run_started, shows, step_done, until


@pytest.mark.parametrize(
    ("health", "text"),
    [
        (None, ""),
        (Health(10_989, 0, 0, False), "  10,989 records"),
        (Health(10_989, 2, 1, True), "  10,989 records · 2 skipped · 1 gap · waiting for the rest of one"),
        (Health(3, 0, 2, False), "  3 records · 2 gaps"),
    ],
)
def test_losses_are_counted_and_a_clean_recording_says_nothing_of_them(health, text):
    assert "".join(health_text(health)) == text


def recorded(folder: Path) -> Path:
    """A run of forty steps, and the file that it is in."""
    writer = EventFileWriter(folder)
    for event in [run_started(), *(step_done(step) for step in range(1, 41))]:
        writer.append(codec.encode(event))
    writer.close()
    return writer.path


async def test_a_damaged_and_cut_recording_is_played_and_what_is_missing_is_said(tmp_path):
    path = recorded(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data[:-5])
    app = JemApp(lambda report: Replayer(tmp_path, speed=100), lambda event: None, label="replay")
    async with app.run_test(size=(160, 40)) as pilot:
        await until(pilot, lambda: shows(app, "40 records · 1 skipped · waiting for the rest of one"))
