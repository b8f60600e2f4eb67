"""`jem-tui eval`: measurements of a trained network, as a table, JSON and plots."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.eval_attacks import Attacks, with_attacks
from jem_tui.cli.eval_progress import shown_progress
from jem_tui.cli.messages import say
from jem_tui.cli.options import Device
from jem_tui.cli.repeated_code import OwnData, OwnNetwork, OwnWords, named_plugins
from jem_tui.cli.run_inputs import DataDir, Run, opened_settings, report_resume_warnings
from jem_tui.cli.select_runs import the_run
from jem_tui.config.recorded_plugins import plugins_in, refuse_other_code
from jem_tui.errors import InputError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.evaluation.request import DEFAULT_PARTS, PARTS, QUICK, SPLITS, EvaluationRequest, MeasuredSplit, Part
from jem_tui.message_text import nearest, shown
from jem_tui.run_files import distinct_names

if TYPE_CHECKING:
    from jem_tui.config.schema import RunConfig
    from jem_tui.jem.evaluation.evaluate_run import Evaluation
    from jem_tui.jem.saved_run.load_run import OpenedRun

    Found = Sequence[tuple[Path, Evaluation]]

SCHEMA = 1
PART_OF: dict[str, Part] = {"ood": "ood", "refine": "robustness", "attacks": "robustness", "features": "samples"}
"""The part that each option of one part belongs to."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of the table.")]
Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Write eval.json and the plots as PNG into this folder.")]
Ood = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME|DIR", help="Another out-of-distribution set, e.g. fashion-mnist; repeatable."),
]
Against = Annotated[
    Path | None,
    typer.Option(metavar="RUN2", help="Compare with another run on the same data, e.g. its classifier twin."),
]
Refine = Annotated[
    list[int] | None,
    typer.Option(
        metavar="K", min=1, max=100, help="Also attack JEM-K, which runs K SGLD steps before the network; repeatable."
    ),
]
Only = Annotated[
    str, typer.Option(metavar="PARTS", help=f"Comma-separated parts: {','.join(PARTS)} (default: all but likelihood).")
]
Features = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Also measure samples in features of your own function, module:function, e.g. for FID.",
    ),
]
Quick = Annotated[bool, typer.Option("--quick", help="Use a fraction of the images: seconds instead of minutes.")]
On = Annotated[
    str,
    typer.Option(
        metavar="|".join(SPLITS), help="Images to measure: test, or the training images that the run held out."
    ),
]
EvalSeed = Annotated[int, typer.Option("--seed", metavar="N", min=0, max=2**31 - 1, help="Seed of all random draws.")]


def evaluate(
    run: Run,
    json_: Json = False,
    out: Out = None,
    against: Against = None,
    ood: Ood = None,
    refine: Refine = None,
    attacks: Attacks = "",
    features: Features = "",
    only: Only = "",
    quick: Quick = False,
    on: On = "test",
    network: OwnNetwork = None,
    data: OwnData = None,
    set_: OwnWords = None,
    data_dir: DataDir = "",
    seed: EvalSeed = 0,
    device: Device = "",
) -> None:
    """Measure a trained run: accuracy, calibration, out-of-distribution detection, robustness, samples, chains."""
    parts = chosen_parts(only)
    refuse_unused(parts, {"ood": ood, "refine": refine, "attacks": attacks, "features": features})
    asked = replace(
        with_attacks(QUICK if quick else EvaluationRequest(), attacks, quick),
        parts=parts,
        on=chosen_split(on),
        seed=seed,
        ood=tuple(ood or ()),
        refine=tuple(refine or ()),
        features=features,
    )
    folders = [the_run(folder) for folder in (run, against) if folder is not None]
    repeated = [*named_plugins(network or (), data or ()), *plugins_in(set_ or ())]
    settings = [opened_settings(folder, data_dir, device, repeated, set_ or ()) for folder in folders]
    refuse_other_code([config for config, _ in settings], repeated)
    found = evaluated(folders, settings, asked, out, quiet=json_)
    print_result(found, json_)
    if out is not None:
        say(f"eval.json and the plots are in {out}")


def evaluated(
    folders: list[Path],
    settings: list[tuple[RunConfig, str]],
    asked: EvaluationRequest,
    out: Path | None,
    quiet: bool,
) -> Found:
    """Evaluate every run with its settings and device, with progress on stderr unless `quiet`, and write the files of `--out`."""
    if out is not None:
        make_folder(out)
    with shown_progress(sys.stderr, quiet=quiet) as report, redirect_stdout(sys.stderr):
        found = measure(folders, settings, asked, report)
        if out is not None:
            report("drawing the plots", None)
            write_out(found, out)
    return found


def measure(
    folders: list[Path], settings: list[tuple[RunConfig, str]], asked: EvaluationRequest, report: ReportProgress
) -> Found:
    """Open every run with its settings and device, then evaluate the runs. This reports missing files before minutes of work."""
    report("importing torch", None)
    from jem_tui.jem.evaluation.evaluate_run import evaluate_run
    from jem_tui.jem.saved_run.load_run import open_run
    from jem_tui.stream.runs.run_dir import read_run_file

    pairs = zip(folders, settings, strict=True)
    opened = [
        open_run(config, folder, device, report, read_run_file(folder).dataset) for folder, (config, device) in pairs
    ]
    for folder, one in zip(folders, opened, strict=True):
        report_resume_warnings(folder, one)
    refuse_other_data(opened, folders)
    runs = zip(folders, opened, [asked, for_comparison(asked)], strict=False)
    return [(folder, evaluate_run(one, part, report)) for folder, one, part in runs]


def chosen_parts(only: str) -> tuple[Part, ...]:
    """Return the parts that `--only` names, by default all but the likelihood. Raises InputError for any other word."""
    words = {word.strip() for word in only.split(",") if word.strip()}
    for word in sorted(words.difference(PARTS)):
        raise InputError(f"--only has no part named {word}{nearest(word, PARTS)}.", f"Parts: {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in words) or DEFAULT_PARTS


def chosen_split(on: str) -> MeasuredSplit:
    """Return the split that `--on` names. Raises InputError for any other word."""
    for split in SPLITS:
        if split == on:
            return split
    raise InputError(f"--on is {shown(on)}{nearest(on, SPLITS)}.", f"It can be {' or '.join(SPLITS)}.")


def refuse_unused(parts: Sequence[Part], options: Mapping[str, object]) -> None:
    """Raise InputError if an option, with its value by its name, belongs to a part that --only leaves out."""
    for name, value in options.items():
        part = PART_OF[name]
        if value and part not in parts:
            raise InputError(
                f"--{name} belongs to {part}, which --only leaves out.", f"Add {part} to --only, or drop --{name}."
            )


def for_comparison(asked: EvaluationRequest) -> EvaluationRequest:
    """Return the request for the run of `--against`, which is evaluated without refinement."""
    return replace(asked, refine=())


def refuse_other_data(opened: list[OpenedRun], folders: list[Path]) -> None:
    """Raise InputError unless all runs were trained on the same data set."""
    first = opened[0]
    for other, folder in zip(opened[1:], folders[1:], strict=True):
        same_form = other.chains.shape[1:] == first.chains.shape[1:]
        if other.data.name != first.data.name or not same_form:
            raise InputError(
                f"{folder} was trained on {other.data.name}, {folders[0]} on {first.data.name}.",
                "Compare runs on the same data.",
            )
        if other.data.class_names != first.data.class_names:
            raise InputError(
                f"{folder} was trained on other classes than {folders[0]}.",
                "Compare runs with the same classes held out of training.",
            )


def make_folder(path: Path) -> None:
    """Create a folder and its parents. Raises InputError if that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"The folder {path} cannot be created: {error.strerror}.", "Choose another folder with --out."
        ) from None


def as_json(found: Found) -> str:
    """Return the evaluations as a JSON object: `schema`, `run`, `evaluation`, and `against`, which is null or has a run, an evaluation and `mcnemar`."""
    entries = [{"run": str(folder), "evaluation": one.as_mapping()} for folder, one in found]
    against = entries[1] | {"mcnemar": paired_test(found)} if entries[1:] else None
    return json.dumps({"schema": SCHEMA, **entries[0], "against": against}, indent=2)


def paired_test(found: Found) -> dict[str, float] | None:
    """Return McNemar's test of both runs as plain data; None where accuracy was not requested."""
    from jem_tui.jem.evaluation.paired import mcnemar_of

    test = mcnemar_of([one for _, one in found])
    return asdict(test) if test else None


def write_out(found: Found, out: Path) -> None:
    """Write eval.json and the plots. Raises OSError."""
    from jem_tui.jem.evaluation.plots import draw_plots

    (out / "eval.json").write_text(as_json(found) + "\n", encoding="utf-8")
    names = distinct_names([folder for folder, _ in found])
    draw_plots(dict(zip(names, (one for _, one in found), strict=True)), out)


def print_result(found: Found, json_: bool) -> None:
    """Print the evaluations on stdout, as JSON or as tables."""
    if json_:
        print(as_json(found))
        return
    from rich.console import Console

    from jem_tui.cli.eval_tables.print_tables import print_tables

    print_tables(Console(highlight=False), found)
