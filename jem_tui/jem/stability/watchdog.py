"""Signs of divergence in JEM training: rules on the metrics of every step, and on health reports at intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from statistics import correlation, median
from typing import Any

from jem_tui.config.stability import StabilityConfig
from jem_tui.events.run import NRG, TOTAL, XE
from jem_tui.jem.stability.diagnosis import HEALTHY, Diagnosis, divergence, shown, warning
from jem_tui.jem.stability.health_report import HealthReport

LOSS_LIMIT = 1e8
"""Largest |loss|, beyond which the reference implementation stops, too."""
ENERGIES = {"JEM/energy_data": "images", "JEM/energy_samples": "samples"}
NOW_NRG, NOW_XE, PAST = 10, 20, 200
"""Steps that medians are taken over: of the current JEM/nrg, of the current JEM/xe, and of the earlier values for comparison."""
ENOUGH = 20
"""Smallest number of past steps whose median is compared with."""
ARMED_ENTROPY = 0.8
"""Class entropy that chains must have reached before its fall is a sign, because fresh noise is all of one class."""
LAGGING, AHEAD = -5.0, 20.0
"""Medians of JEM/nrg over the past below which chains lag behind the model (if it falls), and above which their energies are far below the images' energy."""
HASTE = -0.3
"""Lag-1 autocorrelation of JEM/nrg below which the model changes too fast for its chains."""
CRISP_REPORTS = 5
"""Number of health reports whose median excess of saturated pixels is judged: in healthy runs, one report can exceed the limit."""
SILENCE = 1000
"""Steps between two warnings of one kind."""


@dataclass(kw_only=True)
class Memory:
    """The watchdog's memory of past steps."""

    nrg: list[float] = field(default_factory=list)
    xe: list[float] = field(default_factory=list)
    sampling: bool = False
    """True if the last step moved chains."""
    armed: bool = False
    """True once the chains have been of many classes."""
    accuracy: float = 0.0
    best_accuracy: float = 0.0
    steps: int = 0
    excess: list[float] = field(default_factory=list)
    """Excess of saturated pixels in the last health reports."""
    suspended: int = 0
    """Coming steps in which the chains are expected to be far from the images."""
    last_warned: dict[str, int] = field(default_factory=dict)
    """The number of the step at which each kind of diagnosis was last emitted."""

    def add(self, nrg: float, xe: float) -> None:
        """Add the metrics of a step, and forget the oldest."""
        self.steps += 1
        self.suspended = max(0, self.suspended - 1)
        self.nrg = [*self.nrg, nrg][-2 * PAST :]
        self.xe = [*self.xe, xe][-PAST - NOW_XE :]


class Watchdog:
    """Judges the metrics of every step before its update, and health reports at intervals."""

    def __init__(self, config: StabilityConfig) -> None:
        self._config = config
        self._memory = Memory()

    def judge_step(self, loss: float, metrics: Mapping[str, float]) -> Diagnosis:
        """Return whether a step with these metrics may update the weights; `loss` is the value that was differentiated.

        Only steps that have not diverged are remembered.
        """
        memory = self._memory
        sampling = metrics.get("sgld/steps", 0.0) > 0
        # With or without chains, the loss is another function, to which past values cannot be compared.
        if sampling != memory.sampling:
            memory.nrg, memory.xe, memory.sampling = [], [], sampling
        rules = [self._not_finite, self._energies_run_away]
        rules += [] if memory.suspended else [self._nrg_runs_away, self._xe_rises]
        diagnosis = next((found for rule in rules if (found := rule(loss, metrics))), HEALTHY)
        if not diagnosis.diverged:
            memory.add(metrics[NRG], metrics[XE])
        return diagnosis

    def suspend_limits(self, steps: int) -> None:
        """Apply only the rules on values that are never right for some steps, after the user has restarted all chains."""
        self._memory.nrg, self._memory.xe, self._memory.excess = [], [], []
        self._memory.suspended, self._memory.armed, self._memory.best_accuracy = steps, False, 0.0

    def resume_limits(self, state: Mapping[str, Any]) -> None:
        """Apply all rules again, after the restarted chains were replaced by those before; `state` is that before `suspend_limits`.

        Values of steps with the restarted chains are forgotten, because no rule was meant for them.
        """
        memory, before = self._memory, memory_of(state)
        alike = memory.sampling == before.sampling
        memory.nrg, memory.xe = (before.nrg, before.xe) if alike else ([], [])
        memory.excess = before.excess
        memory.suspended = max(0, before.suspended - (memory.steps - before.steps))
        memory.armed = memory.armed or before.armed
        memory.best_accuracy = max(memory.best_accuracy, before.best_accuracy)

    def record_accuracy(self, accuracy: float) -> None:
        """Remember the accuracy on validation images (a fraction) for the next health report."""
        self._memory.accuracy = accuracy
        self._memory.best_accuracy = max(self._memory.best_accuracy, accuracy)

    def judge_health(self, report: HealthReport) -> list[Diagnosis]:
        """Return a single divergence, or the warnings that are due."""
        rules: tuple[Callable[[HealthReport], Diagnosis | None], ...] = (
            *(self._parts_not_finite, self._classes_collapse, self._pixels_saturate),
            *(self._chains_coincide, self._accuracy_falls),
        )
        rules = rules[:1] if self._memory.suspended else rules
        diverged = next((found for rule in rules if (found := rule(report))), None)
        return [diverged] if diverged else [found for found in self._warnings() if self.is_due(found)]

    def is_due(self, diagnosis: Diagnosis) -> bool:
        """Return whether this kind of diagnosis has not been emitted for a while; if so, count it as emitted now."""
        last = self._memory.last_warned
        if self._memory.steps - last.get(diagnosis.kind, -SILENCE) < SILENCE:
            return False
        last[diagnosis.kind] = self._memory.steps
        return True

    def state_dict(self) -> dict[str, Any]:
        """Return the memory as plain numbers, under the names that checkpoints use."""
        state = asdict(self._memory)
        return {"excused": state.pop("suspended"), "told": state.pop("last_warned"), **state}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Restore the memory from a state returned by `state_dict`."""
        self._memory = memory_of(state)

    def _not_finite(self, loss: float, metrics: Mapping[str, float]) -> Diagnosis | None:
        if math.isfinite(loss) and abs(loss) <= LOSS_LIMIT and all(math.isfinite(v) for v in metrics.values()):
            return None
        numbers = {"loss": loss, **{name: metrics[name] for name in (TOTAL, NRG, XE)}}
        broken = {name: value for name, value in metrics.items() if not math.isfinite(value)}
        named = ", ".join(f"{name} = {shown(value)}" for name, value in (numbers | broken).items() if name != "loss")
        return divergence("loss", f"the loss is {shown(loss)} ({named})", numbers | broken)

    def _energies_run_away(self, loss: float, metrics: Mapping[str, float]) -> Diagnosis | None:
        limit = self._config.energy_limit or math.inf
        for name, whose in ENERGIES.items():
            value = metrics.get(name, 0.0)
            if abs(value) > limit:
                why = f"the mean energy of the {whose} is {shown(value)}, beyond ±{limit:g}"
                return divergence("energy", why, {name: value, "limit": limit})
        return None

    def _nrg_runs_away(self, loss: float, metrics: Mapping[str, float]) -> Diagnosis | None:
        limit = self._config.nrg_limit or math.inf
        recent = [abs(value) for value in [*self._memory.nrg[1 - NOW_NRG :], metrics[NRG]]]
        if len(recent) < NOW_NRG or median(recent) <= limit:
            return None
        why = f"the median of |{NRG}| over {NOW_NRG} steps is {shown(median(recent))}, beyond {limit:g}"
        return divergence("nrg", why, {NRG: metrics[NRG], "median": median(recent), "limit": limit})

    def _xe_rises(self, loss: float, metrics: Mapping[str, float]) -> Diagnosis | None:
        values = [*self._memory.xe, metrics[XE]]
        past, recent = values[:-NOW_XE], values[-NOW_XE:]
        if not self._config.xe_factor or len(past) < ENOUGH:
            return None
        before, now = median(past), median(recent)
        if now <= max(self._config.xe_factor * before, self._config.xe_floor):
            return None
        why = f"the median of {XE} over {NOW_XE} steps rose from {shown(before)} to {shown(now)}"
        return divergence("xe", why, {XE: metrics[XE], "median": now, "median before": before})

    def _parts_not_finite(self, report: HealthReport) -> Diagnosis | None:
        if report.finite:
            return None
        return divergence("weights", "a weight or a chain is not a finite number", {})

    def _classes_collapse(self, report: HealthReport) -> Diagnosis | None:
        entropy = report.class_entropy
        if entropy is None:
            return None
        self._memory.armed = self._memory.armed or entropy >= ARMED_ENTROPY
        if not self._memory.armed or entropy >= self._config.class_entropy:
            return None
        why = f"the samples collapse into few classes: their entropy is {entropy:.2f}, below {self._config.class_entropy:g}"
        return divergence("classes", why, {"class entropy": entropy, "limit": self._config.class_entropy})

    def _pixels_saturate(self, report: HealthReport) -> Diagnosis | None:
        own, share, excess = report.saturated_data, report.saturated, report.saturation_excess
        limit = own + self._config.saturation * (1 - own)
        if share is None or excess is None:
            return None
        self._memory.excess = [*self._memory.excess, excess][-CRISP_REPORTS:]
        if share <= limit:
            return None
        why = f"{share:.1%} of the samples' pixels are black or white, but only {own:.1%} of the images' pixels"
        return divergence("saturation", why, {"saturated": share, "saturated of images": own, "limit": limit})

    def _chains_coincide(self, report: HealthReport) -> Diagnosis | None:
        if report.variety is None or report.variety >= self._config.variety:
            return None
        why = f"the samples are nearly identical: their variance is {report.variety:.3f} of that of the images"
        return divergence("variety", why, {"variety": report.variety, "limit": self._config.variety})

    def _accuracy_falls(self, report: HealthReport) -> Diagnosis | None:
        now, best = self._memory.accuracy, self._memory.best_accuracy
        if now >= best - self._config.accuracy_drop:
            return None
        why = f"the validation accuracy fell from {best:.1%} to {now:.1%}"
        return divergence("accuracy", why, {"accuracy": now, "best accuracy": best})

    def _warnings(self) -> Iterator[Diagnosis]:
        before, past = self._memory.nrg[:-PAST], self._memory.nrg[-PAST:]
        if not self._memory.sampling or len(past) < PAST:
            return
        now, lag = median(past), lag_one(past)
        if lag < HASTE:
            why = f"{NRG} swings from step to step (lag-1 autocorrelation {lag:.2f}): the model changes too fast for its chains"
            yield warning("haste", why, {"autocorrelation": lag})
        if now < LAGGING and len(before) == PAST and now < median(before):
            why = f"the chains lag behind: the median of {NRG} fell from {shown(median(before))} to {shown(now)}"
            yield warning("lag", why, {"median": now, "median before": median(before)})
        if now > AHEAD:
            why = f"the samples have a lower energy than the images: the median of {NRG} is {shown(now)}"
            yield warning("ahead", why, {"median": now})
        excess = self._memory.excess
        if len(excess) == CRISP_REPORTS and median(excess) > self._config.crispness:
            why = (
                "the samples are crisper than the images: the excess of black and white pixels, (samples' share − images' share) "
                f"/ (1 − images' share), is {median(excess):.2f}, above {self._config.crispness:g}; objective.denoising lowers it"
            )
            yield warning("crisp", why, {"excess": median(excess), "limit": self._config.crispness})


def memory_of(state: Mapping[str, Any]) -> Memory:
    """Return the memory that `Watchdog.state_dict` describes."""
    memory = deepcopy(dict(state))
    return Memory(suspended=memory.pop("excused"), last_warned=memory.pop("told"), **memory)


def lag_one(values: Sequence[float]) -> float:
    """Return the lag-1 autocorrelation in [−1, 1]; 0 for constant values."""
    constant = min(values[:-1]) == max(values[:-1]) or min(values[1:]) == max(values[1:])
    return 0.0 if constant else correlation(values[:-1], values[1:])
