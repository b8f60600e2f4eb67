"""Quality of the default recipe and its baselines after given training times: `python -m benchmarks.quality --data-dir DIR`.

Each role, seed and time is a separate run in a folder below `--work`, because the schedule of a run ends with its time. A repeated
call skips runs that have ended and resumes killed runs from their checkpoints; concurrent calls share the runs. Minutes are converted to
optimizer steps by the speed of the role, which is measured once on this machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from benchmarks.quality.experiments import experiments_table
from benchmarks.quality.json_file import write_table
from benchmarks.quality.options import (
    arguments,
    plans_of,
    request_of,
    stability_plans,
    study_of,
    tasks_of,
)
from benchmarks.quality.results import RunResult, comparisons, results_of
from benchmarks.quality.roles import ROLES, chosen_roles, variants
from benchmarks.quality.study import Plan, Study
from benchmarks.quality.tables import TextTable, markdown, mcnemar_table, quality_table
from benchmarks.quality.tuning import store_winner, trial_plans, tuning_table
from benchmarks.quality.work import Task, run_workers, say, work_through
from jem_tui.errors import JemError


def main(words: Sequence[str] | None = None) -> int:
    """Train, measure, print; return the exit code."""
    words = sys.argv[1:] if words is None else list(words)
    asked = arguments().parse_args(words)
    study = study_of(asked)
    try:
        request = request_of(asked)
        if asked.tune:
            return tuned(asked, study, words)
        plans = plans_of(asked, study)
        trained = stability_plans(asked, study)
        tasks = [*tasks_of(plans, request), *tasks_of(trained, replace(request, parts=()))]
        succeeded = asked.table_only or worked(asked, tasks, words)
        if not asked.worker:
            print_results(asked, study, plans, trained)
        return 0 if succeeded else 1
    except JemError as error:
        say(str(error))
        return 2


def worked(asked: argparse.Namespace, tasks: Sequence[Task], words: Sequence[str]) -> bool:
    """Complete the tasks, in this process or in several; return whether all have succeeded."""
    if asked.jobs > 1 and not asked.worker:
        return run_workers(asked.jobs, words)
    os.nice(asked.nice)
    return work_through(tasks)


def tuned(asked: argparse.Namespace, study: Study, words: Sequence[str]) -> int:
    """Search the settings of some roles, store the winners and print the trials; return the exit code."""
    if unknown := [name for name in asked.tune if name not in ROLES]:
        chosen_roles(unknown, study.work)
    plans = {name: trial_plans(study, ROLES[name], asked.trials, asked.tune_minutes) for name in asked.tune}
    tasks = tasks_of([plan for found in plans.values() for plan in found], replace(request_of(asked), parts=()))
    succeeded = worked(asked, tasks, words)
    if not asked.worker:
        for name, found in plans.items():
            store_winner(study, ROLES[name], found)
            print_table(tuning_table(study, ROLES[name]), asked.markdown)
    return 0 if succeeded else 1


def print_results(asked: argparse.Namespace, study: Study, plans: Sequence[Plan], trained: Sequence[Plan]) -> None:
    """Print the tables of the runs that have ended, and the names of those that have not."""
    results = results_of(plans, asked.on)
    first = asked.roles[0]
    tables = [quality_table(results, asked.on, asked.figures), mcnemar_table(results, first, asked.on)]
    if asked.variant:
        (base,) = chosen_roles([asked.variant_of], study.work)
        before, changed = asked.before or base.name, variants(asked.variant, base)
        tables.append(experiments_table(results, before, changed, asked.on, asked.figures))
    for table in tables:
        if table is not None:
            print_table(table, asked.markdown)
    for role in dict.fromkeys(plan.role for plan in plans):
        print(f"{role.name}: preset {role.preset} {' '.join(role.words)}")
    if trained:
        found = results_of(trained, asked.on)
        lost = sum(result.status == "diverged" for result in found)
        diverged = sum(result.mark.diverged for result in found)
        print(f"stability: {len(found)} seeds, {diverged} divergences, of which {lost} runs did not recover")
    ended = {result.plan.folder for result in results}
    for plan in plans:
        if plan.folder not in ended:
            say(f"missing: {plan.name}")
    if asked.json:
        write_table(asked.json, as_json(results, first, asked.on))


def as_json(results: Sequence[RunResult], first: str, on: str) -> dict[str, Any]:
    """Return all figures of all runs, and McNemar's tests."""
    runs = [
        {
            "role": result.plan.role.name,
            "words": result.plan.role.words,
            "seed": result.plan.seed,
            "minutes": result.plan.minutes,
            "status": result.status,
            **asdict(result.mark),
            "figures": {name: asdict(figure) for name, figure in result.figures.items()},
        }
        for result in results
    ]
    return {"schema": 1, "on": on, "runs": runs, "mcnemar": [asdict(each) for each in comparisons(results, first)]}


def print_table(table: TextTable, as_markdown: bool) -> None:
    """Print a table for a terminal, or in Markdown."""
    if as_markdown:
        print("\n".join(markdown(table)), end="\n\n")
        return
    from rich.console import Console
    from rich.table import Table

    found = Table(*table.header, title=table.title, caption=table.caption)
    for row in table.rows:
        found.add_row(*row)
    Console(width=200, highlight=False, markup=False).print(found)


if __name__ == "__main__":
    sys.exit(main())
