"""A random search for the settings of a role: short runs, of which the one with the highest accuracy on held-out images is chosen."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks.quality.json_file import read_table, reading, write_table
from benchmarks.quality.roles import TUNED_FILE, Role, with_words
from benchmarks.quality.run_record import RunRecord
from benchmarks.quality.study import Plan, Study
from benchmarks.quality.tables import TextTable
from benchmarks.quality.train_run import has_ended
from jem_tui.errors import InputError

SPACE: Mapping[str, Sequence[str]] = {
    "optimizer.rate": ("5e-4", "1e-3", "1.5e-3", "3e-3"),
    "optimizer.weight_decay": ("0", "0.003", "0.01", "0.03", "0.1"),
    "data.translate": ("0", "1", "2", "3"),
    "optimizer.decay": ("linear", "cosine"),
}
SEED = 1000
"""Seed of every trial; it holds out other images than the seeds of a study, so that the comparison is not on the images of the search."""


def trials(role: Role, count: int) -> list[Role]:
    """Return the role itself and variants drawn from the space, `count` in all, with different settings."""
    if not role.early_stop:
        raise InputError(f"{role.name} has no settings to tune.", "Roles to tune: twin, robust-twin.")
    draw = random.Random(0)
    found = {role.words: role}
    while len(found) < count:
        words = [f"{key}={draw.choice(values)}" for key, values in SPACE.items()]
        variant = with_words(role, words)
        found.setdefault(tuple(sorted(variant.words)), variant)
    return [replace(each, name=f"tuning/{role.name}-{number:02}") for number, each in enumerate(found.values())]


def trial_plans(study: Study, role: Role, count: int, minutes: float) -> list[Plan]:
    """Return the runs of a search."""
    return [Plan(study=study, role=each, seed=SEED, minutes=minutes) for each in trials(role, count)]


def scores_of(plan: Plan) -> dict[str, float] | None:
    """Return the best scores of a run on its held-out images; None for a run without any, or before its end."""
    return RunRecord(plan.folder).best if has_ended(plan) else None


def store_winner(study: Study, role: Role, plans: Sequence[Plan]) -> None:
    """Store the settings of the best trial as those of the role. Raises InputError before all trials have ended."""
    found = [(plan, scores) for plan in plans if (scores := scores_of(plan)) is not None]
    if len(found) < sum(map(has_ended, plans)) or not all(map(has_ended, plans)):
        left = sum(not has_ended(plan) for plan in plans)
        raise InputError(f"{left} of {len(plans)} trials of {role.name} have not ended.", "Run the same command again.")
    best, scores = max(found, key=lambda each: (each[1]["accuracy"], -each[1]["xe"]))
    entry: dict[str, Any] = {"words": best.role.words, "minutes": best.minutes, **scores}
    entry["trials"] = [{"words": plan.role.words, **each} for plan, each in found]
    path = study.work / TUNED_FILE
    write_table(path, {**read_table(path), role.name: entry})


def tuning_table(study: Study, role: Role) -> TextTable:
    """Return the table of the trials of a role, the best first."""
    path = study.work / TUNED_FILE
    table = read_table(path)
    with reading(path):
        entry = table[role.name]
        ranked = sorted(entry["trials"], key=lambda trial: (-trial["accuracy"], trial["xe"]))
        return TextTable(
            title=f"Tuning of {role.name}, runs of {entry['minutes']:g} min, on held-out training images",
            header=["settings", "accuracy, %", "cross-entropy", "best step"],
            rows=[tuning_row(trial) for trial in ranked],
        )


def tuning_row(trial: Mapping[str, Any]) -> list[str]:
    """Return the cells of a trial."""
    scores = [f"{100 * trial['accuracy']:.2f}", f"{trial['xe']:.4f}", f"{trial['step']:,}"]
    return [f"`{' '.join(trial['words'])}`", *scores]
