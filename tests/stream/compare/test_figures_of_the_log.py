"""The figures of a comparison against TensorBoard's own reader of the event files."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from tests.cli.in_process import call
from tests.stream.stream_events import record, started, step_done, stopped

Curves = dict[str, list[float]]
VALUES = {
    "first": [0.1, 1e-7, 0.9999999, 1 / 3, 123456.789],
    "second": [-2.5e-9, 3e10, 0.25, 0.70710678, 0.123456789],
    "fractions": [0.1, 0.2, 0.999999, 0.5, 1 / 3],
}


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """Runs whose values have few digits, many digits, and large and small exponents."""
    return [
        record(
            tmp_path / name,
            [started(config={"optimizer": {"rate": values[-1]}})]
            + [step_done(step, value) for step, value in enumerate(values, 1)]
            + [stopped(len(values))],
        )
        for name, values in VALUES.items()
    ]


def tensorboard_curves(run: Path) -> Curves:
    """Return the values of every scalar as TensorBoard reads them, one for each step."""
    log = EventAccumulator(str(run), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    curves = {tag: [point.value for point in log.Scalars(tag)] for tag in log.Tags()["scalars"]}
    assert curves
    return curves


def test_json_has_the_last_and_the_best_value_of_every_curve(runs):
    found = json.loads(call("compare", "--json", *runs).stdout)
    assert [run["path"] for run in found["runs"]] == list(map(str, runs))
    rates = next(row["values"] for row in found["settings"] if row["name"] == "optimizer.rate")
    assert rates == [values[-1] for values in VALUES.values()]
    logs = [tensorboard_curves(run) for run in runs]
    assert {row["tag"] for row in found["metrics"]} == set().union(*logs)
    for row in found["metrics"]:
        choose = {"higher": max, "lower": min}.get(row["better"])
        for value, log in zip(row["values"], logs, strict=True):
            curve = log[row["tag"]]
            assert (value["step"], value["value"]) == (len(curve), curve[-1])
            if choose is not None:
                assert value["best"]["value"] == choose(curve)


def test_markdown_has_every_digit_of_the_last_values(runs):
    lines = call("compare", "--markdown", *runs).stdout.splitlines()
    rows = {
        cells[1].strip(" `"): [cell.strip(" *") for cell in cells[2:-1]]
        for cells in (x.split("|") for x in lines[2:] if x.startswith("|"))
    }
    logs = [tensorboard_curves(run) for run in runs]
    for tag in set().union(*logs):
        for text, log in zip(rows[tag], logs, strict=True):
            written = Decimal(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
            assert np.float32(float(written)) == np.float32(log[tag][-1])
