"""The command line of a study: runs, evaluation, and output."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

from benchmarks.quality.roles import BASELINE, ROLES, chosen_roles, variants
from benchmarks.quality.study import CLOCKS, Plan, Study
from benchmarks.quality.work import WORKER, Task
from jem_tui.config.load import parse_value
from jem_tui.errors import InputError
from jem_tui.jem.evaluation.request import PARTS, QUICK, SPLITS, EvaluationRequest

STABILITY_MINUTES = 5.0


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    add = parser.add_argument
    add("--data-dir", type=Path, help="folder that contains MNIST/raw; without it, the built-in digits are used")
    add("--work", type=Path, default=Path("runs/quality"), help="folder of all runs and figures")
    add("--roles", nargs="+", default=["jem", "twin", "robust-twin"], metavar="ROLE", help=", ".join(ROLES))
    add("--seeds", type=int, default=3, help="number of seeds")
    add("--first-seed", type=int, default=0, help="first seed")
    add("--minutes", type=float, nargs="+", default=[1, 5, 20], help="training times; each is a run of its own")
    add("--clock", choices=list(CLOCKS), default="cpu", help="clock of the training time; cpu needs one thread")
    add("--threads", type=int, default=1, help="torch threads of each run")
    add("--probe", type=float, default=10.0, help="seconds of training for the measurement of a role's speed")
    add("-s", dest="words", action="append", default=[], metavar="KEY=VALUE", help="a setting of every run")
    add("--on", choices=SPLITS, default="validation", help="images to measure; choose between recipes on validation")
    add("--parts", default=",".join(PARTS), help="parts of the evaluation, with commas; none: only train")
    add("--quick", action="store_true", help="evaluate on a fraction of the images")
    add("-e", dest="sizes", action="append", default=[], metavar="KEY=VALUE", help="a field of EvaluationRequest")
    add("--variant", nargs="+", action="append", default=[], metavar="TEXT", help='NAME "key=value …" ["hypothesis"]')
    add("--variant-of", default=BASELINE, metavar="ROLE", help="the role that variants change")
    add("--before", metavar="NAME", help="the role or variant that variants are compared with (default: --variant-of)")
    add(
        "--figures",
        nargs="+",
        default=[],
        metavar="TEXT",
        help="show only figures with one of these texts in their names",
    )
    add("--tune", nargs="+", default=[], metavar="ROLE", help="search settings of these roles, and store them")
    add("--trials", type=int, default=10, help="runs of a search")
    add("--tune-minutes", type=float, default=2.0, help="training time of each run of a search")
    add("--stability", type=int, default=0, help="seeds of the first role to train for 5 minutes, without evaluation")
    add("--jobs", type=int, default=1, help="runs at the same time")
    add("--nice", type=int, default=0, help="lower the priority by this number")
    add("--markdown", action="store_true", help="print the tables in Markdown")
    add("--json", type=Path, metavar="FILE", help="write all figures into this file")
    add("--table-only", action="store_true", help="print the tables of the finished runs, and train nothing")
    add(WORKER, action="store_true", help=argparse.SUPPRESS)
    return parser


def study_of(asked: argparse.Namespace) -> Study:
    """Return the study of a command line."""
    data = ["data.name=mnist", f"data.dir={asked.data_dir.absolute()}"] if asked.data_dir else []
    words = (*data, f"train.threads={asked.threads}", "train.device=cpu", *asked.words)
    return Study(work=asked.work, words=words, clock=asked.clock, probe=asked.probe)


def request_of(asked: argparse.Namespace) -> EvaluationRequest:
    """Return the evaluation of every run. Raises InputError for an unknown part or field."""
    wanted = [] if asked.parts == "none" else asked.parts.split(",")
    if unknown := [part for part in wanted if part not in PARTS]:
        raise InputError(f"There is no part {unknown[0]}.", f"Parts: {', '.join(PARTS)}; or none.")
    base = replace(QUICK if asked.quick else EvaluationRequest(), starts=("initial",))
    sizes = dict(size.split("=", 1) for size in asked.sizes if "=" in size)
    known = {field.name for field in fields(EvaluationRequest)}
    if len(sizes) < len(asked.sizes) or not known.issuperset(sizes):
        raise InputError("-e takes FIELD=VALUE.", f"Fields: {', '.join(sorted(known))}.")
    values = {name: parse_value(text) for name, text in sizes.items()}
    parts = tuple(part for part in PARTS if part in wanted)
    return replace(base, **values, parts=parts, on=asked.on)


def plans_of(asked: argparse.Namespace, study: Study) -> list[Plan]:
    """Return the runs whose figures the tables show, short ones first."""
    roles = chosen_roles(asked.roles, study.work)
    (base,) = chosen_roles([asked.variant_of], study.work)
    roles += [role for role in variants(asked.variant, base) if role not in roles]
    seeds = range(asked.first_seed, asked.first_seed + asked.seeds)
    return [
        Plan(study=study, role=role, seed=seed, minutes=minutes)
        for minutes in sorted(set(asked.minutes))
        for seed in seeds
        for role in roles
    ]


def stability_plans(asked: argparse.Namespace, study: Study) -> list[Plan]:
    """Return the runs that are only trained, to count divergences."""
    role = chosen_roles(asked.roles, study.work)[0]
    return [
        Plan(study=study, role=role, seed=seed, minutes=STABILITY_MINUTES)
        for seed in range(asked.first_seed, asked.first_seed + asked.stability)
    ]


def tasks_of(plans: Sequence[Plan], request: EvaluationRequest) -> list[Task]:
    """Return the tasks of some runs with one evaluation."""
    return [Task(plan=plan, request=request) for plan in plans]
