"""Metrics of the user: functions of a training step whose numbers are recorded with those of the step."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from jem_tui.config.schema import RecordConfig
from jem_tui.errors import InputError
from jem_tui.jem.learner.training_step import TrainingStep
from jem_tui.jem.ranks.ranks import ALONE, Ranks
from jem_tui.message_text import shown
from jem_tui.plugins.kinds import METRIC
from jem_tui.plugins.plugged import PluggedFunction
from jem_tui.plugins.user_code import describe_exception

MOST_TAGS = 256
"""Maximum number of tags of all metrics of the user in one run."""
LONGEST_NAME = 100
"""Maximum number of characters of the name of a value."""

Measured = tuple[dict[str, float], str]
"""The finite values of a metric by tag, and its last fault in words, which is empty if there is none."""


class OwnMetrics:
    """The metrics of the user in a run. A metric that fails is reported once, and neither ends nor changes the run.

    Each of several ranks measures its own part of a batch, and values are the means over the ranks that have one.
    """

    def __init__(self, functions: Sequence[PluggedFunction], ranks: Ranks = ALONE) -> None:
        """Raise InputError if two functions have one tag."""
        self._ranks = ranks
        self._functions: dict[str, PluggedFunction] = {}
        self._tags: set[str] = set()
        self._reported: set[str] = set()
        for function in functions:
            other = self._functions.setdefault(tag_of(function), function)
            if other is not function:
                raise InputError(
                    f"The metrics {other.name} and {function.name} have one tag, {tag_of(function)}.",
                    "Rename one of the functions.",
                )

    def measure(self, step: TrainingStep | None) -> tuple[dict[str, float], list[str]]:
        """Return the values of all metrics by tag, and a sentence for each metric that fails for the first time.

        Values that are not finite are left out, because the watchdog would take them for a divergence of the loss.
        """
        values: dict[str, float] = {}
        faults: list[str] = []
        if step is None or not self._functions:
            return values, faults
        measured = [measure_one(tag, function, step) for tag, function in self._functions.items()]
        rows = exchanged(self._ranks, measured)
        for number, (tag, function) in enumerate(self._functions.items()):
            found, fault, where = merged([row[number] for row in rows])
            kept = self._within_limit(found)
            fault = fault or ("" if len(kept) == len(found) else f"has too many names, of which {MOST_TAGS} are kept")
            values |= kept
            if fault and tag not in self._reported:
                self._reported.add(tag)
                faults.append(f"{where}the {function} {fault}")
        return values, faults

    def _within_limit(self, found: Mapping[str, float]) -> dict[str, float]:
        """Return the values whose tags are known already, or new and within the limit."""
        new = [tag for tag in found if tag not in self._tags]
        self._tags.update(new[: MOST_TAGS - len(self._tags)])
        return {tag: value for tag, value in found.items() if tag in self._tags}


def own_metrics(config: RecordConfig) -> list[PluggedFunction]:
    """Return the metrics of the user that the settings name. Raises InputError if one cannot be imported."""
    return [PluggedFunction.resolved(METRIC, name, {}) for name in METRIC.names(config.metrics)]


def tag_of(function: PluggedFunction) -> str:
    """Return the tag of a metric from the last part of its name, such as `metric/spread` for `mymetrics:spread`."""
    return f"metric/{function.name.rpartition(':')[2].rpartition('.')[2]}"


def measure_one(tag: str, function: PluggedFunction, step: TrainingStep) -> Measured:
    """Return the finite values of a metric by tag, and its last fault in words, which is empty if there is none."""
    values: dict[str, float] = {}
    fault = ""
    try:
        with isolated(step.device):
            for name, value in named(tag, function.function(step, **function.args)).items():
                number = as_number(value)
                if not isinstance(name, str) or not usable(name):
                    fault = f"returned a value with the name {shown(name)}; a name is text of 1 to {LONGEST_NAME} characters"
                elif number is None:
                    fault = f"returned {shown(value)}; it must return a number, numbers by name, or None"
                elif not math.isfinite(number):
                    fault = f"is {number} at step {step.step:,}; values that are not finite are left out"
                else:
                    values[name] = number
    except (Exception, SystemExit) as error:
        fault = f"raised {describe_exception(error)}; a step in which it fails is recorded without it"
    return values, fault


def exchanged(ranks: Ranks, measured: list[Measured]) -> list[list[Measured]]:
    """Return the measurements of every rank in the order of the ranks, which are exchanged as JSON."""
    if ranks.alone:
        return [measured]
    return [[(dict(values), fault) for values, fault in json.loads(text)] for text in ranks.texts(json.dumps(measured))]


def merged(rows: Sequence[Measured]) -> tuple[dict[str, float], str, str]:
    """Return the mean of each value of one metric over all ranks that have it, the first fault, and in words the rank of that fault."""
    if len(rows) == 1:
        return (*rows[0], "")
    names = dict.fromkeys(name for values, _ in rows for name in values)
    found = {name: [values[name] for values, _ in rows if name in values] for name in names}
    fault, where = next(((fault, f"on rank {rank}, ") for rank, (_, fault) in enumerate(rows) if fault), ("", ""))
    return {name: float(np.float32(sum(each) / len(each))) for name, each in found.items()}, fault, where


@contextmanager
def isolated(device: torch.device) -> Iterator[None]:
    """Run code of the user in the body without gradients, and restore torch's random state and modes afterwards."""
    indices = [device.index or 0] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=indices), torch.inference_mode(False), torch.no_grad():
        yield


def named(tag: str, returned: object) -> Mapping[object, object]:
    """Return what a metric has returned as values by tag."""
    if returned is None:
        return {}
    if not isinstance(returned, Mapping):
        return {tag: returned}
    return {f"{tag}/{name}" if isinstance(name, str) and name else name: value for name, value in returned.items()}


def usable(name: str) -> bool:
    """Return whether a name can be a tag of the log."""
    return name.isprintable() and 0 < len(name) <= LONGEST_NAME


def as_number(value: object) -> float | None:
    """Return a number in the single precision of the log, from Python, numpy or a tensor of one element; None for all else."""
    if isinstance(value, Tensor | np.ndarray | np.generic) and math.prod(value.shape) == 1:
        value = value.item()
    if not isinstance(value, int | float):
        return None
    # Integers beyond the range of a float are infinite.
    number = float(value) if abs(value) < 2**1000 or not isinstance(value, int) else math.inf
    return float(torch.tensor(number, dtype=torch.float32))
