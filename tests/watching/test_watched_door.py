"""Viewers of a watched loop, through its door."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import Any

import jem_tui
from jem_tui.events.commands import Adjust, Pause, SampleNow, SaveNow, Stop
from jem_tui.events.event import Event
from jem_tui.events.run import Adjusted, Note, Paused, RunStarted, Samples, Stopped
from jem_tui.stream.attach.connect import connect_socket
from jem_tui.stream.attach.door_file import live_door, read_door
from jem_tui.stream.attach.viewer import Viewer
from tests.wait_until import PATIENCE, wait_until
from tests.watching.loops import pictures, recorded, status


class Watcher:
    """A viewer that keeps what it receives."""

    def __init__(self, run_dir: Path) -> None:
        wait_until(lambda: read_door(run_dir) is not None, "no door opens")
        self.viewer = Viewer(partial(connect_socket, Path(live_door(run_dir).socket)), run_dir, "alice@laptop")
        self.events: list[Event] = []
        self.viewer.start()

    def find(self, kind: type[Any]) -> Any:
        """Wait for an event of this kind, and return the first."""

        def found() -> bool:
            self.events += self.viewer.received()
            return any(isinstance(event, kind) for event in self.events)

        wait_until(found, lambda: f"no {kind.__name__} among {self.events}")
        return next(event for event in self.events if isinstance(event, kind))


def test_a_viewer_steers_the_loop_and_sees_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.setenv("JEM_TUI_ANNOUNCE", str(tmp_path / "announced.json"))
    rate, saved = [1.0], []
    run = jem_tui.watch(tmp_path / "run", samples_every=0)
    run.knob("rate", lambda: rate[0], lambda value: rate.__setitem__(0, value), factor=2)
    run.on(SaveNow, lambda: saved.append(run.steps))

    def loop() -> None:
        with run:
            while True:
                run.step(loss=1.0)
                run.samples(pictures())

    thread = threading.Thread(target=loop)
    thread.start()
    watcher = Watcher(tmp_path / "run")
    started = watcher.find(RunStarted)
    assert (started.knobs, started.abilities) == ({"rate": 1.0}, {"adjust", "samples", "save"})
    assert read_door(tmp_path / "run").socket in (tmp_path / "announced.json").read_text()
    watcher.viewer.send(Pause())
    paused = watcher.find(Paused)
    for command in (SampleNow(), Adjust(name="rate", increments=-1)):
        watcher.viewer.send(command)
    assert watcher.find(Samples).step == watcher.find(Adjusted).step == paused.step == run.steps
    watcher.viewer.send(Stop())
    assert watcher.find(Stopped).reason == "stopped"
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert (rate, saved) == ([0.5], [paused.step])
    assert status(tmp_path / "run") == "stopped"
    assert any("alice@laptop" in note.text for note in recorded(tmp_path / "run", Note))
    assert not (tmp_path / "run" / "door.json").exists()


def test_a_loop_without_a_door_has_none(tmp_path):
    # The door of an earlier test may still be closing.
    before = set(threading.enumerate())
    with jem_tui.watch(tmp_path / "run", door=False) as run:
        run.step(loss=1.0)
        assert read_door(tmp_path / "run") is None
        assert "jem-door" not in {thread.name for thread in set(threading.enumerate()) - before}
