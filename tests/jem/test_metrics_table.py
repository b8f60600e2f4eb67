"""The tables of metrics in docs/jem.md, compared with the tags that runs log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jem_tui.config.objective import ObjectiveConfig
from jem_tui.config.schema import RunConfig
from jem_tui.events.metric_texts import COMPUTED, EVALUATED, STEP_METRICS, metric_text
from jem_tui.jem.learner.step_metrics import device_metric_names
from jem_tui.stream.tfevents.codec import EVENT_TAG, TEXT_TAG, encode, is_recorded
from tests.jem.runs import run, small_config

PAGE = Path(__file__).parents[2] / "docs" / "jem.md"
ALL_OPTIONS = (
    "objective.adversarial=0.1",
    "objective.adversarial_share=0.5",
    "objective.energy_l2=0.01",
    "objective.hinge=5",
    "objective.energy_weight_end=0.1",
    "train.minutes=60",
    "objective.denoising=0.02",
    "sgld.conditional=true",
    "sgld.guidance=1",
    "sgld.sampler=mala",
    "buffer.explorers=32",
    "buffer.explorer_share=0.25",
    "buffer.init=mixture",
    "data.translate=2",
    "data.flip=true",
    "optimizer.ema=0.9",
    "stability.snapshot_every=3",
)


def documented() -> list[str]:
    """Return the tags in the first column of the tables under the heading on metrics."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition("\n## Metrics\n")
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def is_documented(tag: str) -> bool:
    return any(re.fullmatch(pattern_of(row), tag) for row in documented())


def pattern_of(row: str) -> str:
    return re.escape(row).replace("SPLIT", "(validation|test)").replace("SET", "[^/]+")


def logged_tags(config: RunConfig, folder: Path) -> set[str]:
    """Return the tags that a run writes into its event file, except those of texts."""
    messages = [encode(event) for event in run(config, folder) if is_recorded(event)]
    return {value.tag for message in messages for value in message.summary.value} - {EVENT_TAG, TEXT_TAG}


@pytest.mark.parametrize("words", [(), ALL_OPTIONS], ids=["default", "all options"])
def test_every_logged_metric_is_in_a_table(tmp_path, words):
    tags = logged_tags(small_config(*words, max_steps=10), tmp_path)
    assert len(tags) > 10
    assert [tag for tag in sorted(tags) if not is_documented(tag)] == []
    assert [tag for tag in sorted(tags) if metric_text(tag) is None] == []


def test_every_row_of_the_tables_is_logged_by_a_run_with_all_options(tmp_path):
    tags = logged_tags(small_config(*ALL_OPTIONS, max_steps=10), tmp_path)
    assert [row for row in documented() if not any(re.fullmatch(pattern_of(row), tag) for tag in tags)] == []


def test_every_metric_of_a_step_is_in_a_table():
    assert [tag for tag in device_metric_names(ObjectiveConfig()) if not is_documented(tag)] == []


def test_every_curve_has_a_healthy_course_and_faults():
    curves = {**STEP_METRICS, **COMPUTED, **{tag: text for tag, text in EVALUATED.items() if tag.startswith("SPLIT/")}}
    for tag, text in curves.items():
        assert text.healthy.endswith("."), tag
        assert text.faults.endswith("."), tag
        assert not text.meaning.endswith("."), tag


@pytest.mark.parametrize(
    ("tag", "row"), [("validation/auroc/shuffled 4×4", "SPLIT/auroc/SET"), ("test/xe", "SPLIT/xe"), ("metric/x", None)]
)
def test_the_explanation_of_a_score_is_that_of_its_row(tag: str, row: str | None):
    assert metric_text(tag) is (None if row is None else EVALUATED[row])
