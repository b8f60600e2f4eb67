"""The classifier twin: the default recipe without an energy term."""

from __future__ import annotations

from dataclasses import asdict, replace

from jem_tui.config.presets import classifier, fast
from jem_tui.events.commands import Reseed, SampleNow
from jem_tui.events.run import NRG, TOTAL, XE, Energies, Note, RunStarted, Samples, StepDone
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.writer.recorder import Recorder
from tests.jem.runs import emitted, run, small_config

WORDS = ("sgld.steps=0", "buffer.size=16")


def test_the_twin_differs_from_the_default_recipe_in_its_chains_and_adversarial_images_alone():
    twin, base = classifier(), fast()
    assert (twin.sgld.steps, twin.sgld.steps_growth) == (0, 0)
    assert (twin.buffer.explorers, twin.objective.adversarial) == (0, 0)
    restored = replace(
        twin,
        preset=base.preset,
        sgld=replace(twin.sgld, steps=base.sgld.steps, steps_growth=base.sgld.steps_growth),
        buffer=replace(twin.buffer, size=base.buffer.size, explorers=base.buffer.explorers),
        objective=replace(twin.objective, adversarial=base.objective.adversarial),
    )
    assert restored == base


def test_the_loss_is_the_cross_entropy_and_no_chain_is_moved(tmp_path):
    events = run(small_config(*WORDS, preset="classifier"), tmp_path, commands=[SampleNow(), Reseed()])
    steps = [e.metrics for e in events if isinstance(e, StepDone)]
    assert len(steps) == 20
    assert all(m[NRG] == 0 and m[TOTAL] == m[XE] and m["sgld/steps"] == 0 for m in steps)
    assert not [e for e in events if isinstance(e, Samples | Energies)]
    (started,) = (e for e in events if isinstance(e, RunStarted))
    assert started.abilities == {"save", "adjust", "evaluate", "rollback", "draw"}
    assert [e.text for e in events if isinstance(e, Note) and e.kind == "warning"] == ["a training run cannot reseed"]


def test_energy_options_do_not_reach_it(tmp_path):
    plain = run(small_config(*WORDS, max_steps=5), tmp_path / "plain")
    shaped = run(
        small_config(*WORDS, "objective.energy_l2=5", "objective.hinge=1", "buffer.noise_visits=1", max_steps=5),
        tmp_path / "shaped",
    )
    assert emitted(plain) == emitted(shaped)


def test_a_recorded_classifier_replays_without_images(tmp_path):
    record = Recorder(tmp_path, ["jem-tui"])
    run(small_config(*WORDS, max_steps=6), tmp_path, react=lambda event, queue: record(event))
    replayed = list(read_events(tmp_path))
    assert [e.metrics[NRG] for e in replayed if isinstance(e, StepDone)] == [0] * 6
    assert not [e for e in replayed if isinstance(e, Samples)]
    (started,) = (e for e in replayed if isinstance(e, RunStarted))
    assert asdict(started)["config"]["sgld"]["steps"] == 0
