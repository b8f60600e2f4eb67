"""Resumed runs after a stop, on a full disk, and with damaged files."""

from __future__ import annotations

import pytest
import torch

from jem_tui.events.commands import RollBack, SaveNow, Stop
from jem_tui.events.run import Evaluated, Note, Rewound, RunStarted, Saving, StepDone
from tests.jem.runs import emitted, metrics, run, small_config


@pytest.mark.parametrize(
    "stop_at", [pytest.param(1, marks=pytest.mark.slow), 7, 10, pytest.param(13, marks=pytest.mark.slow)]
)
def test_a_resumed_run_is_the_run_that_did_not_stop(stop_at, straight, tmp_path):
    def stop(event, queue):
        if isinstance(event, StepDone) and event.step == stop_at:
            queue.put(Stop(save=True))

    before = run(small_config(), tmp_path, react=stop)
    after = run(small_config(), tmp_path, resume=True)
    assert before[-1].reason == "stopped"
    assert [e.step for e in after if isinstance(e, RunStarted)] == [stop_at]
    checkpoints = ("Note",)
    joined = [t for t in emitted(before) + emitted(after) if t[0] not in checkpoints]
    assert joined == [t for t in emitted(straight) if t[0] not in checkpoints]


@pytest.mark.parametrize("stop_at", ["Samples", "Energies", "Evaluated"])
def test_a_stop_within_a_report_repeats_no_event(stop_at, straight, tmp_path):
    def stop(event, queue):
        if type(event).__name__ == stop_at and event.step == 10:
            queue.put(Stop(save=True))

    before = run(small_config(), tmp_path, react=stop)
    after = run(small_config(), tmp_path, resume=True)
    joined = [t for t in emitted(before) + emitted(after) if t[0] != "Note"]
    assert joined == [t for t in emitted(straight) if t[0] != "Note"]


def test_a_stop_before_the_final_scores_can_be_resumed(tmp_path):
    def stop(event, queue):
        if isinstance(event, StepDone) and event.step == 20:
            queue.put(Stop(save=True))

    run(small_config(), tmp_path, react=stop)
    after = run(small_config(), tmp_path, resume=True)
    assert [e.split for e in after if isinstance(e, Evaluated)] == ["validation", "test"]
    assert after[-1].reason == "finished"
    assert "nothing left to train" in run(small_config(), tmp_path, resume=True)[-1].error


def test_resuming_twice_at_the_last_step_continues(tmp_path):
    run(small_config(max_steps=10), tmp_path)
    longer = run(small_config(max_steps=20), tmp_path, resume=True)
    assert [e.step for e in longer if isinstance(e, StepDone)] == list(range(11, 21))


def test_stop_without_saving_leaves_no_checkpoint(tmp_path):
    events = run(small_config(), tmp_path, commands=[Stop(save=False)])
    assert events[-1].reason == "stopped"
    assert not (tmp_path / "checkpoints").exists()


def test_old_checkpoints_are_deleted_and_the_newest_are_kept(tmp_path):
    run(small_config("record.checkpoint_every=5", "record.keep_checkpoints=2"), tmp_path)
    assert sorted(p.name for p in (tmp_path / "checkpoints").iterdir()) == ["step_000015.pt", "step_000020.pt"]


@pytest.mark.parametrize("left", [0, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_run_resumes_from_the_checkpoint_before_a_damaged_one_with_a_warning(tmp_path, left):
    words = ("record.checkpoint_every=5", "optimizer.decay=none")
    straight = run(small_config(*words), tmp_path / "straight")
    run(small_config(*words, max_steps=10), tmp_path / "run")
    newest = max((tmp_path / "run" / "checkpoints").iterdir())
    assert newest.name == "step_000010.pt"
    newest.write_bytes(newest.read_bytes()[:left])
    resumed = run(small_config(*words), tmp_path / "run", resume=True)
    warning = next(event for event in resumed if isinstance(event, Note))
    assert warning.text == "step_000010.pt cannot be read; step_000005.pt is used instead"
    assert (warning.kind, warning.step) == ("warning", 5)
    assert metrics(resumed) == metrics(straight)[5:]


def test_a_roll_back_takes_the_newest_checkpoint_that_can_be_read(tmp_path):
    def damage_and_roll_back(event, queue):
        if isinstance(event, StepDone) and event.step == 12 and not rolled:
            rolled.append(event)
            (tmp_path / "checkpoints" / "step_000010.pt").write_bytes(b"PK")
            queue.put(RollBack())

    rolled = []
    events = run(small_config("record.checkpoint_every=5"), tmp_path, react=damage_and_roll_back)
    rewound = next(event for event in events if isinstance(event, Rewound))
    assert (rewound.from_step, rewound.step) == (12, 5)
    assert events[events.index(rewound) - 1].text.endswith("cannot be read; step_000005.pt is used instead")


def test_recorded_events_are_on_the_disk_before_a_checkpoint(tmp_path):
    events = run(small_config("record.checkpoint_every=5"), tmp_path, commands=[SaveNow()])
    saved = [number for number, event in enumerate(events) if isinstance(event, Note) and event.kind == "checkpoint"]
    assert len(saved) == 5
    assert all(isinstance(events[number - 1], Saving) for number in saved)


def test_a_damaged_checkpoint_is_an_input_error(tmp_path):
    run(small_config(max_steps=2), tmp_path)
    (newest,) = (tmp_path / "checkpoints").iterdir()
    newest.write_bytes(newest.read_bytes()[:1000])
    stopped = run(small_config(), tmp_path, resume=True)[-1]
    assert stopped.reason == "refused"
    assert f"{newest.name} is damaged" in stopped.error
    assert not stopped.details


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    run(small_config(max_steps=2), tmp_path)
    stopped = run(small_config("network.width=8"), tmp_path, resume=True)[-1]
    assert stopped.reason == "refused"
    assert "does not fit" in stopped.error


def test_a_checkpoint_that_cannot_be_written_leaves_no_half_file(tmp_path, monkeypatch):
    def disk_full(state, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", disk_full)
    stopped = run(small_config(max_steps=2), tmp_path)[-1]
    assert stopped.reason == "failed"
    assert "No space left on device" in stopped.error
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_a_full_disk_gives_a_note_and_training_continues(tmp_path, monkeypatch):
    def disk_full(state, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", disk_full)
    events = run(small_config("record.checkpoint_every=5"), tmp_path)
    warnings = [e for e in events if isinstance(e, Note) and e.kind == "warning"]
    assert [e.step for e in warnings] == [5, 10, 15]
    assert len(metrics(events)) == 20
