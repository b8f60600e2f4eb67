"""Samples of a watched loop: recorded at intervals, and displayed on request."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jem_tui
from jem_tui.events.commands import (
    SampleNow,
)
from jem_tui.events.run import (
    Note,
    Samples,
)
from tests.watching.loops import kinds, pictures, recorded, take_steps


def test_samples_are_recorded_at_intervals(tmp_path):
    with jem_tui.watch(tmp_path / "run", samples_every=5, tiles=3) as run:
        run.samples(pictures())
        for _ in range(12):
            run.step(loss=1.0)
            run.samples(pictures(), energy=np.arange(4), predicted=[1, 0, 1, 0])
    found = recorded(tmp_path / "run", Samples)
    assert [samples.step for samples in found] == [0, 5, 10]
    assert found[1].tiles.shape == (3, 6, 6, 1)
    assert found[1].energy.tolist() == [0, 1, 2]
    assert found[1].predicted.tolist() == [1, 0, 1]
    assert np.isnan(found[1].confidence).all()


@pytest.mark.parametrize(("every", "steps"), [(100, [1]), (2, [1, 2, 4]), (0, [])])
def test_the_first_samples_are_recorded_at_once(tmp_path, every, steps):
    drawn: list[int] = []

    def draw() -> object:
        drawn.append(run.steps)
        return pictures()

    with jem_tui.watch(tmp_path / "run", samples_every=every) as run:
        for _ in range(5):
            run.step(loss=1.0)
            run.samples(draw)
    assert [samples.step for samples in recorded(tmp_path / "run", Samples)] == steps == drawn


def test_images_that_cannot_be_shown_give_one_note(tmp_path, capsys):
    with jem_tui.watch(tmp_path / "run", samples_every=1) as run:
        for _ in range(3):
            run.step(loss=1.0)
            run.samples(np.zeros((2, 7, 5, 9)))
    assert recorded(tmp_path / "run", Samples) == []
    (note,) = recorded(tmp_path / "run", Note)
    assert (note.kind, "(2, 7, 5, 9)" in note.text) == ("warning", True)
    assert "ValueError" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["array", "function", "handler", "handler that offers"])
def test_samples_are_shown_on_demand_and_not_recorded(tmp_path, emitted, form):
    made: list[int] = []

    def make() -> Any:
        made.append(1)
        return pictures()

    with jem_tui.watch(tmp_path / "run", samples_every=0) as run:
        if form == "handler":
            run.on(SampleNow, make)
        if form == "handler that offers":
            run.on(SampleNow, lambda: run.samples(make(), energy=np.ones(4)))
        for number in range(4):
            if number == 2:
                run.send(SampleNow())
            run.step(loss=1.0)
            if form in ("array", "function"):
                run.samples(pictures() if form == "array" else make)
    (samples,) = kinds(emitted, Samples)
    assert (samples.step, samples.requested, len(samples.tiles)) == (3, True, 4)
    assert recorded(tmp_path / "run", Samples) == []
    assert len(made) == (form != "array")


@pytest.mark.parametrize("every", [0, 1])
def test_a_request_before_the_first_images_is_answered_by_them(tmp_path, emitted, every):
    with jem_tui.watch(tmp_path / "run", samples_every=every) as run:
        take_steps(run, 1, SampleNow())
        assert not kinds(emitted, Samples)
        for _ in range(3):
            run.samples(pictures())
        take_steps(run, 2)
    assert [event.requested for event in kinds(emitted, Samples)] == [not every]
