"""Differing settings and last values of several runs, and their output."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest

from jem_tui.errors import InputError
from jem_tui.events.run import ACCURACY, TOTAL, XE, Adjusted
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.compare.adjusted_settings import adjusted_settings
from jem_tui.stream.compare.better_direction import better_direction
from jem_tui.stream.compare.compared_log import read_compared
from jem_tui.stream.compare.comparison_output import best_point, comparison_json, comparison_markdown
from jem_tui.stream.compare.comparison_rows import best_of, differing_settings, equal_settings, metric_rows
from jem_tui.stream.reader.read_points import read_points
from tests.cli.in_process import call, refused_here
from tests.stream.stream_events import evaluated, record, started, step_done, stopped

WRITTEN_BY = Path(__file__).parents[1] / "written_by"


def run(folder: Path, values: list[float], **settings: object) -> Path:
    """Record a run with one step for each value."""
    config = {"train": {"epochs": 2}, "sgld": {"steps": 5}, **settings}
    steps = [step_done(step, value) for step, value in enumerate(values, 1)]
    return record(folder, [started(config=config), *steps, stopped(len(values))])


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    return [
        run(tmp_path / "a", [0.5, 0.9, 0.75]),
        run(tmp_path / "b", [0.5, 0.25], sgld={"steps": 10}, objective={"hinge": 3.0}),
    ]


def test_only_settings_that_differ_are_listed(runs):
    rows = differing_settings(read_compared(runs, print))
    assert {row.name: row.texts for row in rows} == {"sgld.steps": ("5", "10"), "objective.hinge": ("–", "3")}


def test_equal_numbers_of_two_types_do_not_differ(tmp_path):
    both = [
        run(tmp_path / "a", [1.0], optimizer={"rate": 1, "cap": math.nan}),
        run(tmp_path / "b", [1.0], optimizer={"rate": 1.0, "cap": math.nan}),
    ]
    assert differing_settings(read_compared(both, print)) == []


def test_figures_are_those_of_the_log(runs):
    compared = read_compared(runs, print)
    rows = {row.tag: row for row in metric_rows(compared)}
    for at, path in enumerate(runs):
        for tag, points in read_points(path).points.items():
            assert rows[tag].points[at] is not None
            assert np.array_equal(rows[tag].points[at].value, points.value)
            assert rows[tag].values[at] == points.last[1]


def test_the_better_last_value_is_marked_where_the_direction_is_known(runs):
    best = {row.tag: row.best for row in metric_rows(read_compared(runs, print))}
    assert (best[ACCURACY], best[XE], best[TOTAL]) == ({0}, {1}, frozenset())


def test_last_values_of_single_batches_have_no_mark(tmp_path):
    both = [
        record(tmp_path / name, [started(), step_done(1, batch), evaluated(1, score), stopped(1)])
        for name, batch, score in (("a", 0.25, 0.5), ("b", 0.75, 0.375))
    ]
    rows = {row.tag: row for row in metric_rows(read_compared(both, print))}
    assert (rows["validation/accuracy"].marked, rows[ACCURACY].marked, rows[ACCURACY].best) == ({0}, frozenset(), {1})
    printed = call("compare", *both).stdout
    assert "50.00% *" in printed and "75.00% *" not in printed
    markdown = call("compare", "--markdown", *both).stdout
    assert "**50.00%**" in markdown and "**75.00%**" not in markdown


def test_adjustments_are_listed_apart_from_the_settings_at_the_start(tmp_path):
    def change(step: int, old: float, new: float) -> Adjusted:
        return Adjusted(step=step, images=step * 64, time=1000.0 + step, name="sgld.steps", old=old, new=new)

    steered = [started(), step_done(1), change(1, 5, 6), step_done(2), change(2, 6, 7), stopped(2)]
    both = [record(tmp_path / "a", steered), record(tmp_path / "b", [started(), step_done(1), stopped(1)])]
    compared = read_compared(both, print)
    assert differing_settings(compared) == []
    assert [(row.name, row.texts) for row in adjusted_settings(compared)] == [("sgld.steps", ("5 → 7", "–"))]
    assert comparison_json(compared)["adjusted"] == [{"name": "sgld.steps", "values": [{"old": 5.0, "new": 7.0}, None]}]
    assert "### Adjusted during the run" in comparison_markdown(compared)
    printed = call("compare", *both).stdout
    assert "All settings at the start are equal." in printed
    assert "adjusted during the run" in printed and "5 → 7" in printed
    assert comparison_json(compared[1:] * 2)["adjusted"] == []


@pytest.mark.parametrize(
    ("values", "better", "expected"),
    [
        ([1.0, 2.0, 2.0], "higher", {1, 2}),
        ([1.0, 2.0, None], "lower", {0}),
        ([1.0, 1.0], "higher", set()),
        ([math.nan, 1.0, 2.0], "lower", {1}),
        ([math.inf, 1.0], "higher", set()),
        ([1.0, 2.0], None, set()),
        ([], "higher", set()),
    ],
)
def test_best_values(values, better, expected):
    assert best_of(values, better) == expected


@pytest.mark.parametrize(
    ("tag", "better"),
    [
        ("validation/accuracy", "higher"),
        ("validation/auroc/uniform noise", "higher"),
        ("test/ece", "lower"),
        ("val_loss", "lower"),
        ("loss/weight", None),
        ("loss_scale", None),
        (TOTAL, None),
        ("JEM/nrg", None),
        ("", None),
        ("/", None),
    ],
)
def test_directions(tag, better):
    assert better_direction(tag) == better


def test_the_best_point_of_a_curve_is_reported_with_its_step(runs):
    assert best_point(read_points(runs[0]).points[ACCURACY], "higher") == (2, pytest.approx(0.9))
    found = comparison_json(read_compared(runs, print))
    accuracy = next(row for row in found["metrics"] if row["tag"] == ACCURACY)
    assert [value["best"]["step"] for value in accuracy["values"]] == [2, 1]
    assert [value["value"] for value in accuracy["values"]] == [0.75, 0.25]


def test_values_that_are_not_finite_are_valid_json(tmp_path):
    both = [run(tmp_path / "a", [1.0, math.nan]), run(tmp_path / "b", [1.0, math.inf])]
    text = json.dumps(comparison_json(read_compared(both, print)), allow_nan=False)
    assert '"NaN"' in text
    assert '"Infinity"' in text


def test_a_run_of_another_program_is_compared_by_its_curves(runs):
    foreign = next(path for path in sorted(WRITTEN_BY.iterdir()) if path.is_dir())
    compared = read_compared([runs[0], foreign], print)
    assert (compared[1].state, compared[1].settings) == ("foreign", {})
    assert differing_settings(compared) == []
    assert any(row.points[1] is not None for row in metric_rows(compared))


def test_settings_are_called_equal_only_where_runs_have_any(runs):
    foreign = [path for path in sorted(WRITTEN_BY.iterdir()) if path.is_dir()][:2]
    assert equal_settings(read_compared(foreign, print)) == "There are no settings to compare: no run has any."
    one, two = read_compared([runs[0], *foreign[:1]], print)
    assert equal_settings([one, two]) == "There are no settings to compare: only one run has any."
    assert equal_settings([one, two, one]) == "All settings at the start of the 2 runs that have any are equal."
    assert equal_settings([one, one]) == "All settings at the start are equal."
    assert "no run has any" in comparison_markdown([two, two])


def test_a_damaged_run_file_leaves_the_settings_of_the_log(runs):
    (runs[1] / RUN_FILE).write_text("{")
    compared = read_compared(runs, print)
    assert compared[1].state == "damaged"
    assert compared[1].settings["sgld.steps"] == 10


def test_a_vanished_run_is_left_out_with_a_sentence(runs, tmp_path):
    third = run(tmp_path / "c", [1.0])
    shutil.rmtree(third)
    reported: list[str] = []
    assert [each.name for each in read_compared([*runs, third], reported.append)] == ["a", "b"]
    assert len(reported) == 1
    with pytest.raises(InputError, match="two runs or more"):
        read_compared([runs[0], third], reported.append)


def test_names_cannot_break_a_table_or_a_terminal(tmp_path):
    both = [run(tmp_path / "a|b\x1b[2J", [1.0]), run(tmp_path / "c", [2.0], train={"epochs": "x|y`\n"})]
    text = comparison_markdown(read_compared(both, print))
    assert "\x1b" not in text
    rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {4}


def test_the_command_prints_tables_json_and_markdown(runs):
    printed = call("compare", *runs)
    assert (printed.returncode, printed.stderr) == (0, "")
    assert "sgld.steps" in printed.stdout
    assert json.loads(call("compare", "--json", *runs).stdout)["schema"] == 1
    assert "| 75.00% |" in call("compare", "--markdown", *runs).stdout


def test_a_folder_stands_for_the_runs_below_it_each_once(runs, tmp_path):
    found = json.loads(call("compare", "--json", tmp_path, runs[0]).stdout)
    assert sorted(each["name"] for each in found["runs"]) == ["a", "b"]


def test_wrong_input_is_one_sentence(runs, tmp_path):
    assert "two runs or more" in refused_here("compare", runs[0])
    assert "contradict" in refused_here("compare", "--json", "--markdown", *runs)
    assert "There is no folder" in refused_here("compare", runs[0], tmp_path / "nothing")
