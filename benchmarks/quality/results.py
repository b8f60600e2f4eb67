"""The measured figures of a study's runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.quality.evaluate import Outcomes, read_correct, read_figures
from benchmarks.quality.figures import Figure, Summary, figures, summary
from benchmarks.quality.run_record import Mark, RunRecord
from benchmarks.quality.study import Plan
from jem_tui.jem.evaluation.paired import McNemar, mcnemar
from jem_tui.stream.runs.run_dir import read_run_file


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """A run that has ended."""

    plan: Plan
    status: str
    mark: Mark
    """Training time and incidents at its end."""
    figures: dict[str, Figure]
    correct: Outcomes | None
    """True for each image of the split that is classified correctly, in the order of the data."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """McNemar's test of two roles by seed and over all seeds."""

    minutes: float
    first: str
    second: str
    seeds: dict[int, McNemar]
    pooled: McNemar
    """The test of the images of all seeds together, which counts an image once for each seed."""


def result_of(plan: Plan, on: str) -> RunResult | None:
    """Return the result of a run; None before its end."""
    if not plan.begun:
        return None
    run = read_run_file(plan.folder)
    if run.status not in ("finished", "diverged"):
        return None
    return RunResult(
        plan=plan,
        status=run.status,
        mark=RunRecord(plan.folder).now,
        figures=figures(read_figures(plan, on)),
        correct=read_correct(plan, on),
    )


def results_of(plans: Sequence[Plan], on: str) -> list[RunResult]:
    """Return the results of the runs that have ended."""
    return [found for plan in plans if (found := result_of(plan, on)) is not None]


def over_seeds(results: Sequence[RunResult]) -> dict[str, Summary]:
    """Return the summary of every figure over the seeds of one role and time."""
    names = dict.fromkeys(name for result in results for name in result.figures)
    return {name: summary([result.figures[name] for result in results if name in result.figures]) for name in names}


def grouped(results: Sequence[RunResult]) -> dict[tuple[float, str], list[RunResult]]:
    """Return the results by minutes and role, sorted by minutes."""
    found: dict[tuple[float, str], list[RunResult]] = {}
    for result in sorted(results, key=lambda result: result.plan.minutes):
        found.setdefault((result.plan.minutes, result.plan.role.name), []).append(result)
    return found


def comparisons(results: Sequence[RunResult], first: str) -> list[Comparison]:
    """Return McNemar's tests of a role against every other one after the same time, on the seeds that both have."""
    groups = grouped(results)
    found = []
    for (minutes, second), others in groups.items():
        if second != first and (minutes, first) in groups:
            pairs = paired(groups[minutes, first], others)
            if pairs:
                found.append(compared(minutes, first, second, pairs))
    return found


def paired(one: Sequence[RunResult], other: Sequence[RunResult]) -> dict[int, tuple[Outcomes, Outcomes]]:
    """Return the outcomes of two roles on the same images by seed."""
    others = {result.plan.seed: result.correct for result in other}
    found = {}
    for result in one:
        theirs = others.get(result.plan.seed)
        if result.correct is not None and theirs is not None:
            found[result.plan.seed] = (result.correct, theirs)
    return found


def compared(minutes: float, first: str, second: str, pairs: dict[int, tuple[Outcomes, Outcomes]]) -> Comparison:
    """Return McNemar's tests of pairs of outcomes."""
    pooled = mcnemar(*([bool(hit) for pair in pairs.values() for hit in pair[side]] for side in (0, 1)))
    seeds = {seed: mcnemar(*pair) for seed, pair in pairs.items()}
    return Comparison(minutes=minutes, first=first, second=second, seeds=seeds, pooled=pooled)
