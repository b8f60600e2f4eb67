"""Quality of the default recipe after a given time, next to its classifier twin: `python -m benchmarks.quality --data-dir DIR`.

Trains on full MNIST (`DIR/MNIST/raw`), stops the clock after the given minutes of training, measures what `jem-tui eval`
measures, and continues. Every measurement is kept in the folder of `--work`, so that a second call continues where the
first stopped; the table gives medians over the seeds.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from jem_tui.config.load import make_config
from jem_tui.config.schema import RunConfig
from jem_tui.errors import DivergenceError
from jem_tui.events.run import Diverged, Rewound, StepDone
from jem_tui.jem.evaluation.evaluate_run import evaluate_run
from jem_tui.jem.evaluation.request import EvaluationRequest
from jem_tui.jem.saved_run.load_run import OpenedRun, initial_distribution
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.trainer import Trainer

QUIET = {"record.samples_every": 1_000_000, "record.evaluate_every": 1_000_000, "record.checkpoint_every": 1_000_000}
PROBE = 10
"""Seconds of training that a twin's number of epochs is estimated from."""
ROLES = {"jem": "fast", "twin": "classifier", "robust-twin": "classifier"}
WATCHES = {"wall": time.perf_counter, "cpu": time.process_time}
"""With one thread, the processor time of the process equals wall time on a machine without other load."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Role, seed and duration of a training run, and the file with its results."""

    role: str
    seed: int
    minutes: Sequence[float]
    data: Sequence[str]
    work: Path
    evaluated: bool = True
    watch: str = "wall"


def settings(plan: Plan, epochs: int = 0) -> RunConfig:
    """Return the preset of a role without recording; a twin trains as long as the JEM, with more epochs."""
    words = [*plan.data, f"train.seed={plan.seed}", *(f"{key}={value}" for key, value in QUIET.items())]
    words += ["objective.adversarial=0.2"] if plan.role == "robust-twin" else []
    words += [f"train.epochs={epochs}"] if epochs else []
    return make_config(ROLES[plan.role], None, words)


def opened(plan: Plan, epochs: int = 0) -> Trainer:
    """Return a trainer at its first step."""
    return open_trainer(settings(plan, epochs), plan.work, False, lambda text, fraction: None)


def epochs_that_fit(plan: Plan) -> int:
    """Return the epochs of a twin that fill the time, by its speed in the first seconds; 0 for JEM, which keeps its preset's."""
    if plan.role == "jem":
        return 0
    trainer = opened(plan)
    clock = Clock(trainer, plan.watch)
    clock.run_until(PROBE)
    speed = trainer.step / clock.seconds
    return max(1, round(speed * 60 * max(plan.minutes) / trainer.learner.batches.steps_per_epoch))


class Clock:
    """A training run with a stop watch that runs only while it trains."""

    def __init__(self, trainer: Trainer, watch: str) -> None:
        self.trainer = trainer
        self._now = WATCHES[watch]
        self.seconds = 0.0
        self.diverged = 0
        self.rewound = 0
        self._events = trainer.events()

    def run_until(self, seconds: float) -> bool:
        """Train until the watch shows `seconds`; False if the run has ended before. Raises DivergenceError."""
        began = self._now() - self.seconds
        for event in self._events:
            self.diverged += isinstance(event, Diverged)
            self.rewound += isinstance(event, Rewound)
            if isinstance(event, StepDone):
                self.seconds = self._now() - began
                if self.seconds >= seconds:
                    return True
        return False


def figures(plan: Plan) -> Iterator[dict[str, object]]:
    """Yield the measurements at each of the plan's minutes."""
    clock = Clock(opened(plan, epochs_that_fit(plan)), plan.watch)
    for minutes in plan.minutes:
        try:
            clock.run_until(60 * minutes)
            lost = False
        except DivergenceError:
            lost = True
        found = {"role": plan.role, "seed": plan.seed, "minutes": minutes, "step": clock.trainer.step}
        found |= {"seconds": clock.seconds, "diverged": clock.diverged, "rewound": clock.rewound, "lost": lost}
        yield (evaluated(clock.trainer) if plan.evaluated and not lost else {}) | found
        if lost:
            return


def evaluated(trainer: Trainer) -> dict[str, object]:
    """Evaluate an unfinished run as `jem-tui eval` does."""
    from jem_tui.jem.data.datasets import load_data

    learner = trainer.learner
    data = load_data(learner.config.data, learner.config.train.seed, lambda text, fraction: None)
    run = OpenedRun(
        config=learner.config,
        step=trainer.step,
        device=learner.buffer.x.device,
        network=copy.deepcopy(learner.evaluated).eval().requires_grad_(False),
        chains=learner.buffer.x.clamp(-1, 1),
        data=data,
        initial=initial_distribution(learner.config, data, learner.buffer.x.device),
    )
    asked = replace(EvaluationRequest(), starts=("initial",))
    return evaluate_run(run, asked, lambda text, fraction: None).as_mapping()


def measured(plan: Plan) -> list[dict[str, object]]:
    """Return the plan's figures from its file, or by training now."""
    kind = "quality" if plan.evaluated else "stability"
    path = plan.work / f"{kind}-{plan.role}-{plan.seed}.json"
    if path.exists():
        kept: list[dict[str, object]] = json.loads(path.read_text())
        if [entry["minutes"] for entry in kept] == list(plan.minutes) or kept[-1]["lost"]:
            return kept
    plan.work.mkdir(parents=True, exist_ok=True)
    found = []
    for entry in figures(plan):
        found.append(entry)
        path.write_text(json.dumps(found))
        print(
            f"{plan.role}, seed {plan.seed}, {entry['minutes']} min: step {entry['step']:,}",
            file=sys.stderr,
            flush=True,
        )
    return found


def rows(entry: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield the named figures of one measurement, fractions in percent."""
    yield "steps", entry["step"]
    yield "accuracy, %", 100 * entry["classification"]["accuracy"]
    yield "ECE, %", 100 * entry["classification"]["ece"]
    for found in entry["ood"]["sets"]:
        yield f"AUROC of log p(x): {found['name']}", found["auroc"]["log_px"]
    for found in entry["robustness"]:
        if found["epsilon"]:
            yield f"PGD {found['norm']} {found['epsilon']:g}, %", 100 * found["accuracy"]
    for found in (entry["samples"] or {}).get("quality", ()):
        yield f"Fréchet distance: {found['source']}", found["frechet"]
        yield f"confidence of the reference: {found['source']}", found["confidence"]


def print_table(entries: Sequence[Mapping[str, Any]]) -> None:
    """Print one column for each role and time, with medians over the seeds."""
    from rich.console import Console
    from rich.table import Table

    columns: dict[tuple[float, str], list[dict[str, float]]] = {}
    for entry in entries:
        if "classification" in entry:
            columns.setdefault((entry["minutes"], entry["role"]), []).append(dict(rows(entry)))
    table = Table(
        "median", *(f"{role}, {minutes:g} min ({len(columns[minutes, role])})" for minutes, role in sorted(columns))
    )
    names = dict.fromkeys(name for found in columns.values() for seed in found for name in seed)
    for name in names:
        cells = ([seed[name] for seed in columns[key] if name in seed] for key in sorted(columns))
        table.add_row(name, *(f"{median(values):.4g}" if values else "–" for values in cells))
    Console(width=160).print(table)
    lost, diverged = sum(bool(e["lost"]) for e in entries), sum(e["diverged"] for e in entries)
    print(f"divergences: {diverged}, of which the run did not recover: {lost}")


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description="Quality over training time.")
    parser.add_argument("--data-dir", required=True, type=Path, help="where MNIST/raw lies")
    parser.add_argument("--work", type=Path, default=Path("runs/quality"), help="where the figures are kept")
    parser.add_argument("--seeds", type=int, default=3, help="seeds up to this, not included")
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 5, 20], help="when to measure")
    parser.add_argument("--threads", type=int, default=2, help="torch threads of each run")
    parser.add_argument("--first-seed", type=int, default=0, help="begin with this seed instead of 0")
    parser.add_argument(
        "--clock", choices=list(WATCHES), default="wall", help="cpu: processor time, for one thread on a busy machine"
    )
    parser.add_argument("--roles", nargs="+", default=["jem", "twin"], choices=list(ROLES), help="what to train")
    parser.add_argument(
        "--stability", type=int, default=0, help="number of seeds to train for 5 minutes each, counting divergences"
    )
    parser.add_argument("-s", dest="words", action="append", default=[], help="a setting for every run")
    return parser


def main() -> None:
    """Train, measure, print."""
    asked = arguments().parse_args()
    data = ["data.name=mnist", f"data.dir={asked.data_dir}", f"train.threads={asked.threads}", *asked.words]
    plans = [
        Plan(role=role, seed=seed, minutes=asked.minutes, data=data, work=asked.work, watch=asked.clock)
        for seed in range(asked.first_seed, asked.seeds)
        for role in asked.roles
    ]
    plans += [
        Plan(role="jem", seed=seed, minutes=[5], data=data, work=asked.work, evaluated=False, watch=asked.clock)
        for seed in range(asked.first_seed, asked.stability)
    ]
    print_table([entry for plan in plans for entry in measured(plan)])


if __name__ == "__main__":
    main()
