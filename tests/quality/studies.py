"""Studies of tiny runs, whose speed is given instead of measured."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from benchmarks.quality.json_file import write_table
from benchmarks.quality.roles import ROLES, Role
from benchmarks.quality.speed import Speed
from benchmarks.quality.study import Plan, Study
from tests.jem.runs import SMALL

STEPS_PER_SECOND = 1.0


def study_in(work: Path) -> Study:
    """Return a study of small networks on the built-in digits."""
    words = tuple(word for word in SMALL if not word.startswith("record."))
    return Study(work=work, words=(*words, "data.validation=0.05", "buffer.explorers=0"))


def plan_of(study: Study, role: Role | str = "jem", seed: int = 0, steps: int = 12) -> Plan:
    """Return a run of some steps, and give its role a speed."""
    chosen = ROLES[role] if isinstance(role, str) else role
    plan = Plan(study=study, role=chosen, seed=seed, minutes=steps / STEPS_PER_SECOND / 60)
    words = [chosen.preset, *study.words, *chosen.words]
    speed = Speed(steps_per_second=STEPS_PER_SECOND, steps_per_epoch=500, words=words, clock=study.clock)
    write_table(study.work / chosen.name / "speed.json", asdict(speed))
    return plan


def in_other_folder(plan: Plan, work: Path) -> Plan:
    """Return the plan of the same run in a copy of the study."""
    return replace(plan, study=replace(plan.study, work=work))
