"""A run's numbers depend on its settings and its seed alone: not on pauses, steps, resumptions or who is watching."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from jem_tui.events import (
    ACCURACY,
    NRG,
    TOTAL,
    XE,
    Advance,
    Diverged,
    Evaluated,
    Note,
    Pause,
    Paused,
    Reseed,
    Resume,
    Rewound,
    RollBack,
    RunStarted,
    SampleNow,
    Samples,
    SaveNow,
    Saving,
    StepDone,
    Stop,
    Stopped,
)
from tests.jem.runs import opener, run, small_config, told


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """The uninterrupted run that all others must equal."""
    return run(small_config(), tmp_path_factory.mktemp("straight"))


def metrics(events) -> list[dict[str, float]]:
    return [dict(e.metrics) for e in events if isinstance(e, StepDone)]


def test_a_run_tells_its_story_in_order(straight):
    kinds = [type(e).__name__ for e in straight if type(e).__name__ not in ("Loading", "StepDone", "Sampling")]
    assert kinds == [
        *("RunStarted", "Samples", "Samples", "Samples", "Energies", "Evaluated", "Assessed"),
        *("Samples", "Samples", "Energies", "Evaluated", "Assessed", "Evaluated", "Saving", "Note", "Stopped"),
    ]
    assert [e.step for e in straight if isinstance(e, StepDone)] == list(range(1, 21))
    assert [e.images for e in straight if isinstance(e, StepDone)] == list(range(16, 321, 16))
    assert straight[-1].reason == "finished"


def test_total_is_xe_plus_nrg_and_nrg_is_the_difference_of_the_energies(straight):
    for m in metrics(straight):
        assert m[TOTAL] == pytest.approx(m[XE] + m[NRG], abs=1e-5)
        assert m[NRG] == pytest.approx(m["JEM/energy_data"] - m["JEM/energy_samples"], abs=1e-5)
        assert 0 <= m[ACCURACY] <= 1
        assert all(value == float(np.float32(value)) for value in m.values())


def test_the_pull_of_the_energy_at_the_chains_is_told(straight):
    pulls = [step["sgld/gradient"] for step in metrics(straight)]
    assert len(set(pulls)) == len(pulls) and min(pulls) > 0 and max(pulls) < 10


def test_the_same_seed_gives_the_same_run_and_another_seed_another(straight, tmp_path):
    assert told(run(small_config(), tmp_path)) == told(straight)
    assert metrics(run(small_config("train.seed=5"), tmp_path))[0] != metrics(straight)[0]


def test_pausing_changes_nothing(straight, tmp_path):
    def pause_often(event, queue):
        if isinstance(event, StepDone) and event.step % 3 == 0:
            queue.put(Pause())
        if isinstance(event, Paused):
            queue.put(SampleNow())
            threading.Timer(0.01, queue.put, [Resume()]).start()

    events = run(small_config(), tmp_path, react=pause_often)
    assert sum(isinstance(e, Paused) for e in events) == 6
    assert told(events) == told(straight)


def test_stepping_changes_nothing(straight, tmp_path):
    def advance(event, queue):
        if isinstance(event, StepDone):
            queue.put(Advance(steps=2 if event.step % 4 else 1))

    assert told(run(small_config(), tmp_path, commands=[Advance()], react=advance)) == told(straight)


@pytest.mark.parametrize("stop_at", [1, 7, 10, 13])
def test_a_resumed_run_is_the_run_that_did_not_stop(stop_at, straight, tmp_path):
    def stop(event, queue):
        if isinstance(event, StepDone) and event.step == stop_at:
            queue.put(Stop(save=True))

    before = run(small_config(), tmp_path, react=stop)
    after = run(small_config(), tmp_path, resume=True)
    assert before[-1].reason == "stopped"
    assert [e.step for e in after if isinstance(e, RunStarted)] == [stop_at]
    checkpoints = ("Note",)
    joined = [t for t in told(before) + told(after) if t[0] not in checkpoints]
    assert joined == [t for t in told(straight) if t[0] not in checkpoints]


@pytest.mark.parametrize("stop_at", ["Samples", "Energies", "Evaluated"])
def test_a_stop_in_the_middle_of_a_report_tells_nothing_twice(stop_at, straight, tmp_path):
    def stop(event, queue):
        if type(event).__name__ == stop_at and event.step == 10:
            queue.put(Stop(save=True))

    before = run(small_config(), tmp_path, react=stop)
    after = run(small_config(), tmp_path, resume=True)
    joined = [t for t in told(before) + told(after) if t[0] != "Note"]
    assert joined == [t for t in told(straight) if t[0] != "Note"]


def test_a_stop_before_the_end_is_told_can_be_resumed(tmp_path):
    def stop(event, queue):
        if isinstance(event, StepDone) and event.step == 20:
            queue.put(Stop(save=True))

    run(small_config(), tmp_path, react=stop)
    after = run(small_config(), tmp_path, resume=True)
    assert [e.split for e in after if isinstance(e, Evaluated)] == ["validation", "test"]
    assert after[-1].reason == "finished"
    assert "nothing left to train" in run(small_config(), tmp_path, resume=True)[-1].error


def test_resuming_twice_over_the_last_step_goes_on(tmp_path):
    run(small_config(max_steps=10), tmp_path)
    longer = run(small_config(max_steps=20), tmp_path, resume=True)
    assert [e.step for e in longer if isinstance(e, StepDone)] == list(range(11, 21))


def test_every_chain_restarts_when_reseeded_and_the_picture_follows(tmp_path):
    events = run(small_config(max_steps=3), tmp_path, commands=[Reseed()])
    note = next(e for e in events if isinstance(e, Note) and e.kind == "reseed")
    picture = events[events.index(note) + 1]
    assert isinstance(picture, Samples)
    assert picture.requested
    assert picture.reseeds.tolist() == [1] * 9
    assert picture.age.tolist() == [0] * 9


def test_samples_are_read_only_copies(straight):
    samples = next(e for e in straight if isinstance(e, Samples))
    assert samples.tiles.shape == (9, 28, 28, 1)
    assert samples.tiles.dtype == np.uint8
    for array in (samples.tiles, samples.energy, samples.age, samples.predicted, samples.confidence, samples.reseeds):
        assert not array.flags.writeable
        assert array.flags.owndata or array.base is None or not array.base.flags.writeable
    assert samples.confidence.min() >= 0.1


def test_events_are_never_yielded_inside_a_torch_context(tmp_path):
    states = []
    run(
        small_config(max_steps=10),
        tmp_path,
        react=lambda e, q: states.append((torch.is_grad_enabled(), torch.is_inference_mode_enabled())),
    )
    assert set(states) == {(True, False)}


def test_pretraining_is_a_classifier_without_chains(tmp_path):
    config = small_config("train.pretrain_epochs=1", "train.epochs=1", max_steps=5)
    first = metrics(run(config, tmp_path))[0]
    assert first["sgld/steps"] == 0
    assert first[NRG] == 0
    assert first[TOTAL] == first[XE]
    assert "JEM/energy_samples" not in first and "sgld/gradient" not in first


def test_chains_start_after_pretraining_and_grow_with_the_epochs(tmp_path):
    config = small_config(
        *(
            "train.pretrain_epochs=1",
            "train.epochs=3",
            "data.validation=0.5",
            "sgld.steps_growth=2",
            "sgld.max_steps=5",
        ),
        *("train.batch_size=1600", "buffer.size=1600", "network.name=toy"),
        max_steps=0,
    )
    events = run(config, tmp_path)
    steps = [e.metrics["sgld/steps"] for e in events if isinstance(e, StepDone)]
    epochs = [e.epoch for e in events if isinstance(e, StepDone)]
    assert steps == [0] * 3 + [2] * 3 + [4] * 3 + [5] * 3
    assert epochs == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    assert [e.text for e in events if isinstance(e, Note) and e.kind == "epoch"] == [
        f"epoch {i} done" for i in (1, 2, 3, 4)
    ]


def test_the_rate_decays_over_all_epochs_whatever_the_step_limit(tmp_path):
    short = metrics(run(small_config(max_steps=4), tmp_path))
    long = metrics(run(small_config(max_steps=8), tmp_path))
    assert short == long[:4]


@pytest.mark.parametrize("words", [["optimizer.rate=1000", "optimizer.warmup=0", "objective.hinge=0"]])
def test_divergence_is_told_before_the_weights_take_it(words, tmp_path):
    events = run(small_config(*words, max_steps=200), tmp_path)
    diverged, stopped = events[-2:]
    assert isinstance(diverged, Diverged)
    assert isinstance(stopped, Stopped)
    assert stopped.reason == "diverged"
    assert "diverged at step" in stopped.error
    assert "optimizer.rate" in stopped.error


def test_a_poisoned_weight_is_noticed_before_the_next_update(tmp_path):
    trainer = opener(small_config("stability.on_divergence=stop"), tmp_path)(lambda text, fraction: None)
    stream = trainer.events()
    while not isinstance(next(stream), StepDone):
        pass
    first = next(iter(trainer.learner.network.parameters()))
    with torch.no_grad():
        first[0] = float("nan")
    before = [p.clone() for p in trainer.learner.network.parameters()]
    assert isinstance(next(stream), Diverged)
    for now, then in zip(trainer.learner.network.parameters(), before, strict=True):
        torch.testing.assert_close(now, then, equal_nan=True, rtol=0, atol=0)


@pytest.mark.parametrize("preset", ["fast", "classic"])
@pytest.mark.parametrize("policy", ["independent", "ring", "epoch"])
def test_presets_and_buffer_policies_run(preset, policy, tmp_path):
    events = run(small_config(f"buffer.policy={policy}", "sgld.steps=3", max_steps=6, preset=preset), tmp_path)
    assert events[-1].reason == "finished"


def test_stop_without_saving_leaves_no_checkpoint(tmp_path):
    events = run(small_config(), tmp_path, commands=[Stop(save=False)])
    assert events[-1].reason == "stopped"
    assert not (tmp_path / "checkpoints").exists()


def test_old_checkpoints_go_and_the_newest_stay(tmp_path):
    run(small_config("record.checkpoint_every=5", "record.keep_checkpoints=2"), tmp_path)
    assert sorted(p.name for p in (tmp_path / "checkpoints").iterdir()) == ["step_000015.pt", "step_000020.pt"]


@pytest.mark.parametrize("left", [0, 1000])
def test_a_resumption_goes_on_from_the_checkpoint_before_a_damaged_one_and_says_so(tmp_path, left):
    straight = run(small_config("record.checkpoint_every=5"), tmp_path / "straight")
    run(small_config("record.checkpoint_every=5", max_steps=10), tmp_path / "run")
    newest = max((tmp_path / "run" / "checkpoints").iterdir())
    assert newest.name == "step_000010.pt"
    newest.write_bytes(newest.read_bytes()[:left])
    resumed = run(small_config("record.checkpoint_every=5"), tmp_path / "run", resume=True)
    warning = next(event for event in resumed if isinstance(event, Note))
    assert warning.text == "step_000010.pt cannot be read; going on from step_000005.pt"
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
    assert events[events.index(rewound) - 1].text.endswith("going on from step_000005.pt")


def test_what_was_told_is_to_be_on_the_disk_before_a_checkpoint(tmp_path):
    events = run(small_config("record.checkpoint_every=5"), tmp_path, commands=[SaveNow()])
    saved = [number for number, event in enumerate(events) if isinstance(event, Note) and event.kind == "checkpoint"]
    assert len(saved) == 5
    assert all(isinstance(events[number - 1], Saving) for number in saved)


def test_a_damaged_checkpoint_is_one_sentence(tmp_path):
    run(small_config(max_steps=2), tmp_path)
    (newest,) = (tmp_path / "checkpoints").iterdir()
    newest.write_bytes(newest.read_bytes()[:1000])
    stopped = run(small_config(), tmp_path, resume=True)[-1]
    assert stopped.reason == "refused"
    assert f"{newest.name} is damaged" in stopped.error
    assert not stopped.details


def test_a_checkpoint_of_other_settings_is_one_sentence(tmp_path):
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


def test_a_full_disk_in_the_middle_is_a_note_and_training_goes_on(tmp_path, monkeypatch):
    def disk_full(state, file):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", disk_full)
    events = run(small_config("record.checkpoint_every=5"), tmp_path)
    warnings = [e for e in events if isinstance(e, Note) and e.kind == "warning"]
    assert [e.step for e in warnings] == [5, 10, 15]
    assert len(metrics(events)) == 20


def test_scores_are_of_images_that_were_not_trained_on(tmp_path):
    trainer = opener(small_config(), tmp_path)(lambda text, fraction: None)
    trained = {row.tobytes() for row in trainer.learner.batches.pixels.numpy()}
    for split in (trainer._tell.validation, trainer._tell.test):
        assert not trained & {row.tobytes() for row in split.pixels.numpy()}


@pytest.mark.slow
def test_eight_epochs_learn_digits(tmp_path: Path):
    from jem_tui.config.load import make_config

    events = run(make_config("fast", None, ["train.epochs=8", "train.device=cpu"]), tmp_path)
    scores = [e.scores for e in events if isinstance(e, Evaluated)]
    assert scores[-1]["accuracy"] > 0.95
    samples = [e for e in events if isinstance(e, Samples)][-1]
    assert samples.confidence.mean() > 0.7
    assert len(np.unique(samples.predicted)) == 10
