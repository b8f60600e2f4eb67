"""A recording as files for other programs."""

from __future__ import annotations

import csv
import math
import os
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from jem_tui.cli.export import export
from jem_tui.errors import InputError, JemError
from jem_tui.events.run import Rewound
from jem_tui.stream.export.image_files import write_pictures
from jem_tui.stream.export.plot_pages import MOST_DRAWN, _drawable, write_plots
from jem_tui.stream.export.scalar_tables import SmoothedCurve, lines, write_csv, write_parquet
from jem_tui.stream.log_data.points import LoggedPoints
from jem_tui.stream.reader.log_cache import read_recording
from tests.stream.stream_events import record, samples, small_run, started, step_done, stopped


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return record(tmp_path / "run", small_run(20))


def curves_of(folder: Path, weight: float) -> dict[str, SmoothedCurve]:
    return lines(read_recording(folder).points, weight)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_value_of_every_curve_is_a_row_with_all_its_digits(run_dir, tmp_path):
    curves = curves_of(run_dir, 0.0)
    count = write_csv(tmp_path / "a.csv", curves, foreign=False)
    rows = table(tmp_path / "a.csv")
    assert len(rows) == count == sum(len(line.points) for line in curves.values())
    total = [row for row in rows if row["tag"] == "JEM/total"]
    assert [int(row["step"]) for row in total] == list(range(1, 21))
    assert [float(row["value"]) for row in total] == curves["JEM/total"].points.value.tolist()
    assert all(row["value"] == row["smoothed"] for row in total)
    assert {"validation/accuracy", "validation/xe", "validation/ece"} <= {row["tag"] for row in rows}


def test_the_smoothed_column_is_the_debiased_average(run_dir):
    line = curves_of(run_dir, 0.5)["JEM/total"]
    average, weight = 0.0, 0.0
    for value, smoothed in zip(line.points.value.tolist(), line.smoothed.tolist(), strict=True):
        average, weight = 0.5 * average + 0.5 * value, 0.5 * weight + 0.5
        assert smoothed == pytest.approx(average / weight)


def test_numbers_that_are_not_finite_and_awkward_tags_survive(tmp_path):
    emitted = [started(total_steps=2), step_done(1, metrics={'a,"b"': math.nan, "c": math.inf}), stopped(1)]
    write_csv(tmp_path / "a.csv", curves_of(record(tmp_path / "run", emitted), 0.9), foreign=False)
    assert {row["tag"]: row["value"] for row in table(tmp_path / "a.csv")} == {'a,"b"': "nan", "c": "inf"}


def test_parquet_holds_the_same_table(run_dir, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    curves = curves_of(run_dir, 0.9)
    count = write_parquet(tmp_path / "a.parquet", curves, foreign=False)
    found = parquet.read_table(tmp_path / "a.parquet").to_pydict()
    write_csv(tmp_path / "a.csv", curves, foreign=False)
    rows = table(tmp_path / "a.csv")
    assert len(rows) == count
    assert found["tag"] == [row["tag"] for row in rows]
    assert found["smoothed"] == [float(row["smoothed"]) for row in rows]


def test_samples_become_a_sheet_for_each_time_and_one_animation(run_dir, tmp_path):
    written = write_pictures(tmp_path, read_recording(run_dir).entries)
    assert [path.name for path in written.pictures] == [f"step_{step:07d}.png" for step in (5, 10, 15, 20)]
    assert written.animations == [tmp_path / "samples.gif"]
    with Image.open(tmp_path / "samples.gif") as animation:
        assert animation.n_frames == 4


def test_a_run_without_pictures_has_none(tmp_path):
    run_dir = record(tmp_path / "run", [started(total_steps=1), step_done(1), stopped(1)])
    assert write_pictures(tmp_path, read_recording(run_dir).entries).pictures == []


def test_void_points_are_not_exported(tmp_path):
    back = Rewound(
        step=2, images=128, time=1.0, from_step=4, rate_factor=0.5, steps_factor=1.0, reseeded=0, attempt=1, attempts=3
    )
    emitted = [
        started(total_steps=4),
        *(step_done(s) for s in (1, 2, 3, 4)),
        back,
        step_done(3),
        samples(3),
        stopped(3),
    ]
    curves = curves_of(record(tmp_path / "run", emitted), 0.9)
    assert curves["JEM/total"].points.step.tolist() == [1, 2, 3]


def test_the_command_writes_all_and_says_where(run_dir, capsys):
    export(run_dir)
    out = capsys.readouterr().out
    assert re.findall(r"^(\w+) ", out, re.M) == ["csv", "plots", "samples", "screen"]
    folder = run_dir / "export"
    assert {path.name for path in folder.iterdir()} == {
        "scalars.csv",
        "curves.png",
        "samples",
        "samples.gif",
        "screen.svg",
    }
    with Image.open(folder / "curves.png") as plot:
        assert np.asarray(plot.convert("L")).std() > 5
    assert "FINISHED" in (folder / "screen.svg").read_text() or "ENDED" in (folder / "screen.svg").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"only": "csv,bogus"}, "no part named bogus"), ({"smoothing": 1.0}, "--smoothing is 1")],
)
def test_wrong_options_are_refused(run_dir, options, message):
    with pytest.raises(InputError, match=message):
        export(run_dir, **options)


def test_a_target_that_cannot_be_made_is_one_sentence(run_dir, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JemError, match="is not a folder"):
        export(run_dir, out=tmp_path / "file" / "x", only="csv")


ANY = st.floats() | st.sampled_from([math.nan, math.inf, -math.inf, 1.7e308, -1.7e308, 5e-324])
CURVES = st.dictionaries(
    st.text(max_size=100), st.lists(st.tuples(st.integers(-(2**62), 2**62), ANY), max_size=70), max_size=3
)


@settings(max_examples=12, deadline=None)
@given(CURVES, st.floats(0.0, 0.999), st.text(max_size=10))
def test_any_curves_can_be_smoothed_written_and_plotted(curves, weight, title):
    points = {
        tag: LoggedPoints(
            np.array([p[0] for p in each], np.int64), np.zeros(len(each)), np.array([p[1] for p in each], float)
        )
        for tag, each in curves.items()
    }
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        found = lines(points, weight)
        count = sum(map(len, points.values()))
        assert write_csv(Path(folder) / "a.csv", found, foreign=True) == count
        assert write_parquet(Path(folder) / "a.parquet", found, foreign=True) == count
        assert len(write_plots(Path(folder) / "a.png", found, title)) == bool(points)


def test_smoothing_follows_the_steps_and_rows_the_order_of_writing():
    points = LoggedPoints(np.array([2, 1, 3]), np.zeros(3), np.array([4.0, 0.0, 8.0]))
    line = lines({"x": points}, 0.5)["x"]
    in_order = lines({"x": points.in_order()}, 0.5)["x"]
    assert line.points.step.tolist() == [2, 1, 3]
    assert line.smoothed.tolist() == in_order.smoothed[[1, 0, 2]].tolist()


def test_a_long_curve_is_thinned_where_it_is_drawn_and_its_extremes_stay(monkeypatch):
    values = np.zeros(100_000)
    values[12_345], values[54_321], values[777] = 9.0, -9.0, math.nan
    x, y = _drawable(np.arange(len(values)), values)
    assert len(x) == len(y) == MOST_DRAWN
    assert (np.nanmax(y), np.nanmin(y)) == (9.0, -9.0)


def test_more_curves_than_are_plotted_fill_pages_up_to_a_limit_that_is_stated(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("jem_tui.stream.export.plot_pages.PAGE", 2)
    monkeypatch.setattr("jem_tui.stream.export.plot_pages.MOST_PLOTS", 5)
    emitted = [started(), step_done(1, metrics={f"m{n}": float(n) for n in range(7)}), stopped(1)]
    folder = record(tmp_path / "run", emitted)
    export(folder, out=tmp_path / "out", only="csv,plots")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.png")) == [
        "curves.png",
        "curves_2.png",
        "curves_3.png",
    ]
    assert "the first 5 of 7 curves" in capsys.readouterr().out
    assert {row["tag"] for row in table(tmp_path / "out" / "scalars.csv")} == {f"m{n}" for n in range(7)}


def test_tags_choose_what_is_exported(tmp_path, run_dir):
    export(run_dir, out=tmp_path / "out", only="csv", tags="validation/*")
    assert {row["tag"] for row in table(tmp_path / "out" / "scalars.csv")} == {
        "validation/accuracy",
        "validation/xe",
        "validation/ece",
    }


def test_a_folder_whose_name_is_not_utf8_is_exported(tmp_path, run_dir):
    odd = tmp_path / os.fsdecode(b"run_\xe9\xff")
    run_dir.rename(odd)
    export(odd)
    assert (odd / "export" / "screen.svg").read_text(encoding="utf-8").count("run_") > 0
