"""Checkpoints of a watched loop: what the ending line and an opened run list."""

from __future__ import annotations

from pathlib import Path

import pytest

import jem_tui
from jem_tui.cli.messages import report_ending
from jem_tui.events.commands import SaveNow, Stop
from jem_tui.events.run import Stopped
from jem_tui.stream.console.summary import once
from tests.watching.loops import pictures, recorded, status, take_steps


def last_lines(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    report_ending(recorded(folder, Stopped)[-1], folder)
    return capsys.readouterr().err.splitlines()


def test_the_ending_names_what_the_loop_has_saved(tmp_path, capsys):
    folder, outside = tmp_path / "run", tmp_path / "weights.pt"

    def save() -> Path:
        path = outside if run.steps == 1 else folder / "gan.pt"
        path.touch()
        return path

    with jem_tui.watch(folder) as run:
        run.on(SaveNow, save)
        take_steps(run, 1, SaveNow())
        take_steps(run, 2, SaveNow())
        take_steps(run, 1, Stop())
    assert last_lines(folder, capsys) == [f"jem-tui: stopped at step 4 · run {folder} · checkpoint gan.pt"]
    opened = jem_tui.open_run(folder)
    assert [tuple(found) for found in opened.checkpoints] == [(1, outside), (4, folder / "gan.pt")]
    moved = folder.rename(tmp_path / "moved")
    assert [path for _, path in jem_tui.open_run(moved).checkpoints] == [outside, moved / "gan.pt"]
    outside.unlink()
    assert [step for step, _ in jem_tui.open_run(moved).checkpoints] == [4]


def test_a_relative_path_is_that_of_the_script(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("last.pt").touch()
    with jem_tui.watch("runs/a") as run:
        run.on(SaveNow, lambda: "last.pt")
        take_steps(run, 1, SaveNow())
    monkeypatch.chdir("/")
    assert [path for _, path in jem_tui.open_run(tmp_path / "runs/a").checkpoints] == [tmp_path / "last.pt"]


def test_the_ending_of_a_loop_that_has_saved_nothing_names_no_checkpoint(tmp_path, capsys):
    with jem_tui.watch(tmp_path / "run") as run:
        take_steps(run, 2)
    assert last_lines(tmp_path / "run", capsys) == [f"jem-tui: finished at step 2 · run {tmp_path / 'run'}"]


def test_the_ending_says_that_the_last_checkpoint_was_not_saved(tmp_path, capsys):
    def save() -> None:
        raise OSError("disk full")

    with jem_tui.watch(tmp_path / "run") as run:
        run.on(SaveNow, save)
        take_steps(run, 2, Stop())
    assert last_lines(tmp_path / "run", capsys) == [
        "jem-tui: The checkpoint was not saved: OSError: disk full",
        f"jem-tui: stopped at step 1 · run {tmp_path / 'run'}",
    ]


def test_the_printed_samples_of_a_loop_are_called_samples(tmp_path, capsys):
    from rich.console import Console

    with jem_tui.watch(tmp_path / "run") as run:
        run.step(loss=1.0)
        run.samples(pictures())
    once(tmp_path / "run", Console(width=80))
    out = capsys.readouterr().out
    assert "samples at step 1: 4 of 4" in out
    assert "x_hat" not in out


def test_a_stop_reports_that_its_save_has_failed(tmp_path, capsys):
    failures = [OSError("disk full")]

    def save() -> None:
        if failures:
            raise failures.pop()

    for folder, commands in (("failed", [Stop()]), ("repeated", [SaveNow(), Stop()]), ("unsaved", [Stop(save=False)])):
        with jem_tui.watch(tmp_path / folder) as run:
            run.on(SaveNow, save)
            take_steps(run, 3, *commands)
        failures.append(OSError("disk full"))
    (stopped,) = recorded(tmp_path / "failed", Stopped)
    assert (stopped.reason, stopped.error) == ("stopped", "The checkpoint was not saved: OSError: disk full")
    assert [recorded(tmp_path / folder, Stopped)[0].error for folder in ("repeated", "unsaved")] == ["", ""]
    assert status(tmp_path / "failed") == "stopped"
