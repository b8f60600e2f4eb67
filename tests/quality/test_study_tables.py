"""Figures of evaluations, their summaries over seeds, and the tables of a study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality.__main__ import main
from benchmarks.quality.experiments import experiments_table, verdict_of
from benchmarks.quality.figures import SHOWN, Figure, figures, rows_of, summary
from benchmarks.quality.json_file import write_table
from benchmarks.quality.results import RunResult, comparisons
from benchmarks.quality.roles import ROLES, TUNED_FILE, chosen_roles, variants
from benchmarks.quality.run_record import Mark
from benchmarks.quality.study import Plan
from benchmarks.quality.tables import cell, markdown, mcnemar_table, quality_table
from jem_tui.errors import InputError
from tests.quality.studies import plan_of, study_in

EVALUATION = {
    "step": 5,
    "classification": {"accuracy": 0.98, "accuracy_interval": [0.97, 0.99], "images": 100, "reliability": [{"low": 0}]},
    "ood": {
        "sets": [
            {
                "name": "letters",
                "auroc": {"log_px": 0.9, "max_py": 0.8},
                "auroc_interval": {"log_px": [0.88, 0.92]},
            }
        ]
    },
    "robustness": [
        {"norm": "linf", "epsilon": 0.1, "refine": 0, "accuracy": 0.5},
        {"norm": "linf", "epsilon": 0.1, "refine": 5, "accuracy": 0.7},
        {"norm": "l2", "epsilon": 0.5, "refine": 0, "accuracy": 0.9},
        *({"norm": "l2", "epsilon": 0.0, "refine": refine, "accuracy": 0.98} for refine in (0, 5)),
    ],
    "samples": None,
}


def result(plan: Plan, accuracy: float, correct: list[bool] | None = None) -> RunResult:
    """Return a run with an accuracy."""
    return RunResult(
        plan=plan,
        status="finished",
        mark=Mark(step=100, seconds=60.0),
        figures={"classification.accuracy": Figure(value=accuracy, interval=(accuracy - 0.01, accuracy + 0.01))},
        correct=None if correct is None else np.array(correct),
    )


def plans(tmp_path: Path, role: str) -> list[Plan]:
    """Return the plans of three seeds."""
    return [plan_of(study_in(tmp_path), role, seed, steps=60) for seed in range(3)]


def test_figures_are_named_by_their_place_and_carry_their_interval():
    found = figures(EVALUATION)
    assert found["classification.accuracy"] == Figure(value=0.98, interval=(0.97, 0.99))
    assert found["ood.sets.letters.auroc.log_px"] == Figure(value=0.9, interval=(0.88, 0.92))
    assert found["robustness.linf 0.1.accuracy"].value == 0.5
    assert found["robustness.linf 0.1 JEM-5.accuracy"].value == 0.7
    assert not [name for name in found if "reliability" in name or "images" in name]


def test_labels_name_what_the_pattern_has_matched():
    rows = rows_of(figures(EVALUATION))
    assert [name for name, *_ in rows][:2] == ["classification.accuracy", "ood.sets.letters.auroc.log_px"]
    labels = {name: label for name, label, _ in rows}
    shown = {name for name in labels if name.startswith("robustness.l2")}
    assert shown == {"robustness.l2 0.5.accuracy"}
    assert labels["ood.sets.letters.auroc.log_px"] == "AUROC of log p(x): letters"
    assert labels["robustness.linf 0.1 JEM-5.accuracy"] == "accuracy under attack, linf 0.1 JEM-5, %"
    assert "ood.sets.letters.auroc.max_py" not in labels


def test_a_summary_has_the_interval_of_the_median_seed():
    found = summary([Figure(value=v, interval=(v - 1, v + 1)) for v in (3.0, 1.0, 2.0)])
    assert (found.low, found.median, found.high, found.seeds) == (1.0, 2.0, 3.0, 3)
    assert found.interval == (1.0, 3.0)
    assert cell(found, SHOWN[3]) == "2.000 (1.000 … 3.000) [1.000, 3.000]"


def test_the_table_has_percentages_over_seeds(tmp_path: Path):
    results = [result(plan, value) for plan, value in zip(plans(tmp_path, "jem"), (0.98, 0.99, 0.97), strict=True)]
    table = quality_table(results, "validation")
    assert table.header == ["", "jem, 1 min"]
    assert ["accuracy, %", "98.00 (97.00 … 99.00) [97.00, 99.00]"] in table.rows
    assert ["minutes of training used", "1.00"] in table.rows
    lines = list(markdown(table))
    assert "| seeds | 0, 1, 2 |" in lines
    assert lines[3] == "|---|---|"


def test_mcnemar_is_by_seed_and_pooled(tmp_path: Path):
    ours = [result(plan, 0.9, [True] * 9 + [False]) for plan in plans(tmp_path, "jem")]
    theirs = [result(plan, 0.5, [True] * 5 + [False] * 5) for plan in plans(tmp_path, "twin")]
    (found,) = comparisons([*ours, *theirs[:2]], "jem")
    assert list(found.seeds) == [0, 1]
    assert (found.seeds[0].only_first, found.seeds[0].only_second) == (4, 0)
    assert found.seeds[0].p == pytest.approx(2 * 0.5**4)
    assert found.pooled.only_first == 8
    assert found.pooled.p == pytest.approx(2 * 0.5**8)
    table = mcnemar_table([*ours, *theirs], "jem", "test")
    assert table is not None
    assert [row[2] for row in table.rows] == ["0", "1", "2", "all"]
    assert mcnemar_table(ours, "jem", "test") is None


def test_a_variant_is_compared_seed_by_seed(tmp_path: Path):
    (role,) = variants([["shifted", "data.translate=2", "digits move"]], ROLES["jem"])
    before = [result(plan, value) for plan, value in zip(plans(tmp_path, "jem"), (0.97, 0.98, 0.96), strict=True)]
    after = [
        result(replace(each.plan, role=role), each.figures["classification.accuracy"].value + 0.01) for each in before
    ]
    table = experiments_table([*before, *after], "jem", [role], "validation")
    assert table.header == ["hypothesis", "change", "minutes", "accuracy, %"]
    assert table.rows == [
        ["", "jem", "1", "97.00"],
        ["digits move", "shifted: `data.translate=2`", "1", "98.00 (+1 ✓)"],
    ]
    assert not experiments_table(after, "jem", [role], "validation").rows
    assert experiments_table(before, "jem", [], "validation", ["ECE"]).header == ["hypothesis", "change", "minutes"]


def test_a_verdict_needs_all_seeds():
    accuracy, error = SHOWN[0], SHOWN[1]
    assert verdict_of([0.01, 0.02], accuracy) == "+1.5 ✓"
    assert verdict_of([0.01, 0.02], error) == "+1.5 ✗"
    assert verdict_of([0.01, -0.02, 0.01], accuracy) == "+1 ~"


def test_tuned_settings_replace_those_of_a_role(tmp_path: Path):
    write_table(tmp_path / TUNED_FILE, {"twin": {"words": ["data.translate=1"]}})
    jem, twin = chosen_roles(["jem", "twin"], tmp_path)
    assert jem == ROLES["jem"]
    assert "data.translate=1" in twin.words
    assert "data.translate=2" not in twin.words


@pytest.mark.parametrize(
    "words", [["--roles", "twim"], ["--parts", "odd"], ["-e", "odd=1"], ["--variant", "jem", "a.b=1"]]
)
def test_wrong_words_are_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]):
    assert main(["--work", str(tmp_path), "--table-only", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_unknown_roles_are_input_errors(tmp_path: Path):
    with pytest.raises(InputError, match="twin"):
        chosen_roles(["twim"], tmp_path)
