"""Grids of settings, and the rule that stops runs early."""

from __future__ import annotations

import pytest

from jem_tui.errors import InputError
from jem_tui.launch.median_rule import falls_behind, higher_is_better
from jem_tui.launch.sweep_grid import make_grid, split_values


def test_a_grid_has_every_combination_named_by_what_varies():
    points = make_grid(["optimizer.rate=1e-3,3e-3", "network.width=4"], seeds=2)
    assert [point.name for point in points] == [
        f"optimizer.rate={rate},train.seed={seed}" for rate in ("1e-3", "3e-3") for seed in (0, 1)
    ]
    assert points[0].words == ("optimizer.rate=1e-3", "network.width=4", "train.seed=0")


def test_a_grid_of_one_point_is_one_run():
    assert [point.name for point in make_grid(["sgld.steps=5", "a.b=1"])] == ["sgld.steps=5,a.b=1"]
    assert make_grid([]) == [("run", ())]


@pytest.mark.parametrize(
    ("text", "values"),
    [("1,2", ("1", "2")), ("[1,2],[3]", ("[1,2]", "[3]")), ("'a,b',c", ("'a,b'", "c")), ("1, 2", ("1", "2"))],
)
def test_commas_in_quotes_and_brackets_do_not_separate(text, values):
    assert split_values(text) == values


def test_names_of_folders_are_safe_short_and_distinct():
    names = [point.name for point in make_grid([f"data.name=/a/b,/a_b,../x,{'y' * 500}"])]
    assert len(set(names)) == 4 and all("/" not in name and len(name) < 140 for name in names)


@pytest.mark.parametrize(
    "words",
    [["a"], ["a.b="], ["a.b=1,"], ["a.b=1,1"], ["a.b=1", "a.b=2"], [f"a.b={','.join(map(str, range(20_000)))}"]],
)
def test_wrong_grids_are_refused(words):
    with pytest.raises(InputError):
        make_grid(words)


def test_a_run_below_the_median_of_the_others_falls_behind():
    others = [{1: 0.5, 2: 0.9}, {1: 0.6, 2: 0.8}, {1: 0.7, 2: 0.7}]
    assert falls_behind({1: 0.5, 2: 0.79}, others, high=True)
    assert not falls_behind({1: 0.5, 2: 0.8}, others, high=True)
    assert not falls_behind({1: 0.95, 2: 0.1}, others, high=True)
    assert falls_behind({1: 0.95, 2: 0.91}, others, high=False)


def test_nothing_falls_behind_with_few_values_or_others_that_have_not_reached_the_step():
    others = [{1: 0.9}, {1: 0.9}, {1: 0.9}]
    assert not falls_behind({1: 0.1}, others, high=True)
    assert not falls_behind({1: 0.1, 2: 0.1}, others, high=True)
    assert not falls_behind({1: 0.1, 2: 0.1}, [{2: 0.9}] * 2, high=True)
    assert falls_behind({1: float("nan"), 2: float("nan")}, [{2: 0.9}] * 3, high=True)


def test_accuracies_are_good_if_high_and_losses_if_low():
    assert higher_is_better("validation/accuracy") and not higher_is_better("validation/xe")
