"""Commands of viewers to a watched loop."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import jem_tui
from jem_tui.errors import StopTraining
from jem_tui.events.commands import (
    Adjust,
    Advance,
    EvaluateNow,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SampleNow,
    SaveNow,
    Seek,
    Stop,
)
from jem_tui.events.run import (
    Adjusted,
    Evaluated,
    Note,
    Paused,
    Resumed,
    Rewound,
    RunStarted,
    Samples,
    StepDone,
)
from tests.wait_until import PATIENCE, wait_until
from tests.watching.loops import kinds, losses, pictures, recorded, status, take_steps


def test_abilities_and_knobs_follow_from_what_is_registered(tmp_path, emitted):
    with jem_tui.watch(tmp_path / "plain") as run:
        take_steps(run, 1)
    with jem_tui.watch(tmp_path / "full") as run:
        for command in (SaveNow, Reseed, EvaluateNow, RollBack):
            run.on(command, lambda: None)
        run.knob("rate", lambda: np.float32(0.5), print)
        take_steps(run, 1)
        with pytest.raises(RuntimeError, match="before the first step"):
            run.knob("late", lambda: 1, print)
        with pytest.raises(RuntimeError, match="before the first step"):
            run.on(SaveNow, print)
    plain, full = kinds(emitted, RunStarted)
    assert plain.abilities == {"samples"}
    assert full.abilities == {"samples", "adjust", "save", "reseed", "evaluate", "rollback"}
    assert (plain.knobs, full.knobs) == ({}, {"rate": 0.5})


def test_a_knob_is_changed_by_a_factor_within_its_range(tmp_path):
    held = {"rate": 0.1, "steps": 20}
    with jem_tui.watch(tmp_path / "run") as run:
        run.knob("rate", lambda: held["rate"], lambda value: held.update(rate=value), factor=2, high=0.7)
        run.knob("steps", lambda: held["steps"], lambda value: held.update(steps=value), increment=5, low=1)
        commands = [("rate", 2), ("rate", 3), ("rate", 1), ("steps", -1), ("steps", -99), ("stride", 1)]
        take_steps(run, 1, *(Adjust(name=name, increments=count) for name, count in commands))
    changes = [(event.name, event.old, event.new) for event in recorded(tmp_path / "run", Adjusted)]
    assert changes == [("rate", 0.1, 0.4), ("rate", 0.4, 0.7), ("steps", 20, 15), ("steps", 15, 1)]
    assert [note.text for note in recorded(tmp_path / "run", Note)] == [
        "rate stays at 0.7, the limit of its range",
        "stride is unchanged: the run has no such knob",
    ]
    assert isinstance(held["steps"], int)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("", lambda: 1, print), ValueError),
        (("rate", lambda: "fast", print), TypeError),
        (("rate", 1.0, print), TypeError),
        (("rate", lambda: 1, print, 1.0), ValueError),
        (("rate", lambda: 1, print, -2.0), ValueError),
        (("rate", lambda: 1, print, 2.0, 3.0), ValueError),
        (("rate", lambda: 1, print, None, None, 2, 1), ValueError),
    ],
)
def test_a_knob_that_cannot_work_is_refused(tmp_path, arguments, error):
    names = ("name", "get", "set", "factor", "increment", "low", "high")
    run = jem_tui.watch(tmp_path / "run")
    with pytest.raises(error, match="knob"):
        run.knob(**dict(zip(names, arguments, strict=False)))
    run.close()


def test_handlers_answer_with_events(tmp_path):
    received: list[Any] = []
    with jem_tui.watch(tmp_path / "run") as run:
        run.on(SaveNow, lambda: tmp_path / "last.pt")
        run.on(Reseed, received.append)
        run.on(EvaluateNow, lambda: {"accuracy": 0.75})
        run.on(RollBack, lambda: np.int64(2))
        take_steps(run, 5)
        take_steps(run, 2, SaveNow(), Reseed(worst=3), EvaluateNow(), RollBack())
    assert received == [Reseed(worst=3)]
    notes = [(note.kind, note.text) for note in recorded(tmp_path / "run", Note)]
    assert notes == [("checkpoint", "checkpoint saved: last.pt"), ("reseed", "restarted chains")]
    assert recorded(tmp_path / "run", Evaluated)[0].scores == {"accuracy": 0.75}
    (back,) = recorded(tmp_path / "run", Rewound)
    assert (back.from_step, back.step, back.images) == (6, 2, 20)
    assert [event.step for event in recorded(tmp_path / "run", StepDone)][-1] == 3


def test_what_raises_in_a_handler_gives_one_note(tmp_path, capsys):
    def fail(*_: object) -> None:
        raise OSError("disk\nfull")

    with jem_tui.watch(tmp_path / "run") as run:
        run.on(SaveNow, fail)
        run.on(RollBack, lambda: None)
        run.knob("rate", lambda: 1.0, fail)
        take_steps(run, 2, SaveNow(), Adjust(name="rate", increments=1), RollBack(), Reseed(), Seek(step=1))
    notes = [(note.kind, note.text) for note in recorded(tmp_path / "run", Note)]
    assert {kind for kind, _ in notes} == {"warning"}
    assert [text.partition(":")[0] for _, text in notes] == [
        "saving failed",
        "changing rate failed",
        "rolling back failed",
        "Reseed is ignored",
        "Seek is ignored",
    ]
    assert run.steps == 2
    assert "disk" in capsys.readouterr().err


def test_a_stop_saves_where_the_loop_can(tmp_path):
    saved: list[int] = []
    with jem_tui.watch(tmp_path / "run") as run:
        run.on(SaveNow, lambda: saved.append(run.steps))
        take_steps(run, 3)
        take_steps(run, 3, Stop())
    assert saved == [4]
    with jem_tui.watch(tmp_path / "other") as run:
        run.on(SaveNow, lambda: saved.append(0))
        take_steps(run, 3, Stop(save=False))
    assert saved == [4]


def test_a_handler_may_stop_the_loop_but_not_take_a_step(tmp_path):
    def stop() -> None:
        raise StopTraining

    with jem_tui.watch(tmp_path / "run") as run:
        run.on(SaveNow, lambda: run.step(loss=1.0))
        run.on(EvaluateNow, stop)
        take_steps(run, 9, SaveNow(), EvaluateNow())
    assert (run.steps, status(tmp_path / "run")) == (1, "stopped")
    assert "cannot take a step" in recorded(tmp_path / "run", Note)[0].text


def test_a_paused_loop_waits_inside_its_step_and_answers(tmp_path, emitted):
    rate = [1.0]
    run = jem_tui.watch(tmp_path / "run")
    run.knob("rate", lambda: rate[0], lambda value: rate.__setitem__(0, value), factor=2)
    run.samples(pictures())

    def loop() -> None:
        with run:
            take_steps(run, 1000, Pause(), SampleNow(), Adjust(name="rate", increments=1))

    thread = threading.Thread(target=loop)
    thread.start()
    wait_until(lambda: rate == [2.0], "the knob was not changed during the pause")
    assert run.steps == 1
    run.send(Advance(steps=3)), run.send(Adjust(name="rate", increments=1))
    wait_until(lambda: run.steps == 4 and rate == [4.0], "the steps were not taken")
    run.send(Resume()), run.send(Pause()), run.send(Stop())
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert status(tmp_path / "run") == "stopped"
    assert len(kinds(emitted, Samples)) == 2
    assert len(kinds(emitted, Paused)) == 2
    assert len(kinds(emitted, Resumed)) == 1
    assert len(losses(tmp_path / "run")) == run.steps


def test_an_unknown_command_has_no_handler(tmp_path):
    run = jem_tui.watch(tmp_path / "run")
    with pytest.raises(ValueError, match="SaveNow, Reseed, EvaluateNow, RollBack, SampleNow"):
        run.on(Pause, print)
    with pytest.raises(TypeError, match="must be a function"):
        run.on(SaveNow, 3)
    with pytest.raises(TypeError, match="as its only argument"):
        run.on(SaveNow, lambda a, b: None)
    run.close()
