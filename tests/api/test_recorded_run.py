"""Recorded runs as objects: every number as in the log, large events read on access, and growth followed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jem_tui.api.recorded_run import Run, open_run
from jem_tui.config.load import as_mapping, make_config
from jem_tui.errors import InputError, JemError
from jem_tui.events.run import Note
from jem_tui.stream.export.scalar_tables import lines, write_csv
from jem_tui.stream.reader.log_cache import read_recording
from jem_tui.stream.writer.recorder import Recorder
from jem_tui.watched_settings import as_watched
from tests.stream.stream_events import (
    all_equal,
    equal,
    evaluated,
    record,
    resumed_run,
    rewound_run,
    samples,
    small_run,
    started,
    step_done,
    stopped,
)


@pytest.fixture
def finished(tmp_path: Path) -> Run:
    return open_run(record(tmp_path / "run", small_run(10)))


def test_curves_hold_steps_images_times_and_values_of_the_log(finished: Run):
    curve = finished.curves["JEM/total"]
    assert curve.steps.tolist() == list(range(1, 11))
    assert curve.images is not None and curve.images.tolist() == [64 * step for step in range(1, 11)]
    assert curve.times.tolist() == [1000.0 + step for step in range(1, 11)]
    assert curve.values.tolist() == [float(np.float32(1 / step)) for step in range(1, 11)]
    assert (len(curve), curve.last) == (10, float(np.float32(0.1)))
    with pytest.raises(ValueError, match="read-only"):
        curve.values[0] = 0.0


def test_state_and_scores_of_a_finished_run(finished: Run):
    assert (finished.name, finished.status, finished.step, finished.images) == ("run", "finished", 10, 640)
    assert finished.scores == {"validation": {"accuracy": 0.9712345678, "xe": 0.1, "ece": 0.02}}
    assert (finished.accuracy, finished.error, finished.foreign) == (0.9712345678, "", False)
    assert finished.started.class_names == ("0", "1")
    assert repr(finished).endswith("run', finished, step 10, 7 curves)")


def test_samples_are_read_on_access(finished: Run):
    assert finished.samples.steps.tolist() == [5, 10]
    assert equal(finished.samples[-1], samples(10))
    assert [event.step for event in finished.samples[:1]] == [5]
    assert finished.energies[0].edges.shape == (9,)
    assert finished.pictures == {}
    with pytest.raises(IndexError):
        finished.samples[2]


def test_samples_of_a_removed_log_raise_one_sentence(finished: Run):
    for file in finished.path.glob("*tfevents*"):
        file.unlink()
    with pytest.raises(JemError, match="can no longer be read"):
        finished.samples[0]


def test_points_samples_and_scores_that_a_rollback_made_void_are_left_out(tmp_path: Path):
    emitted = rewound_run()
    position = next(at for at, event in enumerate(emitted) if event.step == 10)
    emitted.insert(position + 1, evaluated(10, accuracy=0.5))
    run = open_run(record(tmp_path / "run", emitted))
    curve = run.curves["JEM/total"]
    assert curve.steps.tolist() == list(range(1, 13))
    assert curve.values.tolist() == [9.0] * 4 + [1.0] * 8
    assert run.samples.steps.tolist() == [4]
    assert (run.scores, run.accuracy) == ({}, None)


def test_a_resumed_run_has_the_values_of_its_last_session(tmp_path: Path):
    run = open_run(resumed_run(tmp_path))
    assert run.curves["JEM/total"].values[-2:].tolist() == [9.0, 9.0]
    assert (run.status, run.step, run.started.step) == ("finished", 8, 6)


@pytest.mark.parametrize("make", [small_run, rewound_run])
def test_curves_are_those_of_the_export(tmp_path: Path, make):
    folder = record(tmp_path / "run", make())
    write_csv(tmp_path / "table.csv", lines(read_recording(folder).points, 0.0), foreign=False)
    pandas = pytest.importorskip("pandas")
    exported = pandas.read_csv(tmp_path / "table.csv").drop(columns="smoothed")
    found = open_run(folder).to_pandas().astype({"tag": exported["tag"].dtype})
    pandas.testing.assert_frame_equal(found, exported.sort_values(["tag", "step"], kind="stable", ignore_index=True))


def test_data_frames_of_polars_and_pandas_agree(finished: Run):
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    found = finished.to_polars()
    assert found.columns == ["tag", "step", "images", "wall_time", "value"]
    assert found["value"].to_list() == finished.to_pandas()["value"].tolist()
    assert found["tag"].cast(polars.String).to_list() == finished.to_pandas()["tag"].tolist()
    assert isinstance(finished.to_pandas()["tag"].dtype, pandas.CategoricalDtype)


@pytest.mark.parametrize("package", ["pandas", "polars"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    finished: Run, package: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(__import__("sys").modules, package, None)
    with pytest.raises(InputError, match=f"needs {package}. Install it: pip install {package}."):
        getattr(finished, f"to_{package}")()


def test_a_growing_run_is_refreshed(tmp_path: Path):
    recorder = Recorder(tmp_path / "run", ["test"])
    for event in [started(), step_done(1), Note(step=1, images=64, time=1001.0, text="first")]:
        recorder(event)
    run = open_run(tmp_path / "run")
    assert (run.status, run.step, len(run.curves["JEM/xe"])) == ("running", 1, 1)
    assert not run.refresh()
    for event in [step_done(2), samples(2), stopped(2, reason="stopped")]:
        recorder(event)
    assert run.refresh()
    assert (run.status, run.step, len(run.curves["JEM/xe"])) == ("stopped", 2, 2)
    assert [note.text for note in run.notes] == ["first"]
    assert len(run.samples) == 1
    assert not run.refresh()


def test_a_crashed_and_a_failed_run(tmp_path: Path):
    failed = record(tmp_path / "failed", [started(), step_done(1), stopped(1, reason="failed", error="It broke.")])
    assert (open_run(failed).status, open_run(failed).error) == ("failed", "It broke.")
    crashed = record(tmp_path / "crashed", [started(), step_done(1), stopped(1)])
    text = json.loads((crashed / "run.json").read_text())
    (crashed / "run.json").write_text(json.dumps(text | {"status": "running"}))
    assert open_run(crashed).status == "crashed"


def test_settings_are_a_mapping_and_an_object(tmp_path: Path):
    config = make_config("fast", words=["sgld.steps=7"])
    run = open_run(record(tmp_path / "run", [started(config=as_mapping(config)), step_done(1)]))
    assert run.settings["sgld"]["steps"] == 7
    assert run.config == config


def test_settings_of_another_training_loop_have_no_object(finished: Run):
    assert finished.settings["train"]["epochs"] == 2
    with pytest.raises(InputError, match="Unknown setting"):
        _ = finished.config


def test_a_watched_run_has_the_settings_of_its_loop(tmp_path: Path):
    run = open_run(record(tmp_path / "run", [started(config=as_watched({"train": 3})), step_done(1)]))
    assert run.settings == {"train": 3}
    with pytest.raises(InputError, match=r"Read the mapping in Run\.settings"):
        _ = run.config


def test_all_events_are_yielded(tmp_path: Path):
    emitted = small_run(10)
    assert all_equal(list(open_run(record(tmp_path / "run", emitted)).events()), emitted)


def test_checkpoints_are_listed_oldest_first(finished: Run):
    folder = finished.path / "checkpoints"
    folder.mkdir()
    for step in (10, 5):
        (folder / f"step_{step:06d}.pt").touch()
    assert [tuple(found) for found in finished.checkpoints] == [
        (5, folder / "step_000005.pt"),
        (10, folder / "step_000010.pt"),
    ]


def test_a_folder_with_one_run_below_it_is_that_run(tmp_path: Path):
    record(tmp_path / "runs" / "only", small_run(10))
    assert open_run(str(tmp_path / "runs")).path == tmp_path / "runs" / "only"
    record(tmp_path / "runs" / "second", small_run(10))
    with pytest.raises(InputError, match="holds 2 runs"):
        open_run(tmp_path / "runs")


def test_one_event_file_of_a_run(finished: Run):
    (file,) = finished.path.glob("*tfevents*")
    alone = open_run(file)
    assert (alone.status, alone.step, alone.checkpoints) == ("finished", 10, ())


def test_no_run_is_one_sentence(tmp_path: Path):
    with pytest.raises(InputError, match="There is no folder"):
        open_run(tmp_path / "nothing")


def test_the_table_of_a_notebook_shows_state_and_last_values_without_markup_of_the_log(tmp_path: Path):
    events = [started(), step_done(1, metrics={"<b>loss": 0.5}), stopped(1, reason="failed", error="a < b")]
    table = open_run(record(tmp_path / "run", events))._repr_html_()
    assert "<b>run</b> · failed · step 1 of 100<br>a &lt; b" in table
    assert "<td style='text-align:left'>&lt;b&gt;loss</td><td>1</td><td>0.5</td>" in table


def test_a_log_of_another_program_has_curves_and_pictures(tmp_path: Path):
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path / "log")) as writer:
        for step in (0, 100, 200):
            writer.add_scalar("loss", step / 8, step, walltime=5.0)
        writer.add_image("x", np.zeros((1, 4, 3), np.uint8), 100)
        writer.add_text("comment", "hello", 100)
    run = open_run(tmp_path / "log")
    assert (run.status, run.foreign, run.images, run.settings, run.checkpoints) == ("foreign", True, 200, {}, ())
    curve = run.curves["loss"]
    assert (curve.steps.tolist(), curve.images, curve.values.tolist()) == ([0, 100, 200], None, [0.0, 12.5, 25.0])
    assert list(run.pictures) == ["x"]
    assert run.pictures["x"].images.tolist() == [100]
    assert run.pictures["x"][0].tiles.shape == (1, 4, 3, 3)
    assert [note.text for note in run.notes] == ["comment: hello"]
    assert "<b>log</b> · foreign · step 200" in run._repr_html_()
    with pytest.raises(InputError, match="has no settings of jem-tui train"):
        _ = run.config
