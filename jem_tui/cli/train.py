"""`jem-tui train`: settings, run folder, and the choice between the screen and plain output."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from jem_tui.api.leading_rank import LeadingRank, rank_and_size
from jem_tui.cli.chosen_run import NUMBER_FLAGS, TEXT_FLAGS, ChosenRun, RunOptions
from jem_tui.cli.launched_ranks import (
    DISPLAYED_VARIABLE,
    ending_all_ranks,
    follow_rank_0,
    leave_flushed,
    ranks_to_launch,
)
from jem_tui.cli.messages import say
from jem_tui.cli.options import (
    ConfigFile,
    Continue,
    Data,
    DataDir,
    Device,
    HeldOutClasses,
    Init,
    Json,
    MaxSteps,
    Metrics,
    Minutes,
    Network,
    NoDoor,
    NoUi,
    NumberOfRanks,
    OnDivergence,
    Preset,
    Resume,
    RunDir,
    Sampler,
    Seed,
    Words,
)
from jem_tui.cli.terminal import attended_terminal, capable_terminal
from jem_tui.config.schema import RunConfig
from jem_tui.config.unusual_settings import unusual_settings
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.events.run import ReportProgress
    from jem_tui.stream.drive import OpenSource, Source


def train(
    data: Data = "",
    data_dir: DataDir = "",
    hold_out_class: HeldOutClasses = None,
    network: Network = "",
    sampler: Sampler = "",
    init: Init = "",
    metric: Metrics = None,
    preset: Preset = "",
    config: ConfigFile = None,
    set_: Words = None,
    max_steps: MaxSteps = None,
    minutes: Minutes = None,
    seed: Seed = None,
    device: Device = "",
    on_divergence: OnDivergence = "",
    run_dir: RunDir = None,
    resume: Resume = None,
    continue_: Continue = False,
    ranks: NumberOfRanks = None,
    no_ui: NoUi = False,
    json_: Json = False,
    no_door: NoDoor = False,
) -> None:
    """Train a Joint Energy-based Model and watch it live. `jem-tui config` lists all settings."""
    if rank_and_size()[0] > 0:
        raise typer.Exit(follow_rank_0())
    texts = data, data_dir, hold_out_class, network, sampler, init, metric, device, on_divergence
    given = dict(zip([*TEXT_FLAGS, *NUMBER_FLAGS], [*texts, max_steps, minutes, seed], strict=True))
    options = RunOptions(
        given=given, words=set_ or [], preset=preset, config=config, run_dir=run_dir, resume=resume, continues=continue_
    )
    raise typer.Exit(started(options, ranks, no_ui, json_, not no_door))


def started(options: RunOptions, ranks: int | None, no_ui: bool, json_lines: bool, door: bool) -> int:
    """Train the run that the options choose, on one or several ranks, and return the exit code."""
    with ending_all_ranks():
        run = options.choose()
        to_launch = ranks_to_launch(ranks, run.settings, resume=run.resumes)
    output = no_ui, json_lines, door
    return launched(to_launch, *output) if to_launch > 1 else trained(run, *output)


def launched(ranks: int, no_ui: bool, json_lines: bool, door: bool) -> int:
    """Train on several ranks, which a process of its own launches, and return the exit code."""
    from jem_tui.cli.launch_ranks import become_launcher, launcher_script

    on_screen = not (no_ui or json_lines) and attended_terminal()
    if on_screen and not door:
        raise InputError(
            "The screen of several ranks needs the door of the run.", "Leave out --no-door, or add --no-ui."
        )
    if not on_screen:
        become_launcher(ranks)
    from jem_tui.cli.watch import show_script

    return show_script(launcher_script(ranks))


def trained(run: ChosenRun, no_ui: bool, json_lines: bool, door: bool) -> int:
    """Train in this process, which can be rank 0 of several, and return the exit code."""
    settings = run.settings
    label = f"JEM · {settings.network.name} on {settings.data.name} · preset {settings.preset}"
    show = choose_output(no_ui, json_lines, label, tuple(unusual_settings(settings)))
    opener = trainer_opener(settings, run.folder, run.resumes)
    if isinstance(opener, LeadingRank):
        opener.continues = run.continues
    code = show(opener, run.folder, door)
    if isinstance(opener, LeadingRank) and opener.finish(code):
        leave_flushed(code)
    return code


def trainer_opener(config: RunConfig, run_dir: Path, resume: bool) -> OpenSource | LeadingRank:
    """Return the function that imports torch and builds the trainer on its own thread."""

    def known() -> Mapping[str, Any] | None:
        from jem_tui.stream.runs.resumed_settings import refuse_reached_limit
        from jem_tui.stream.runs.run_dir import read_run_file

        if not resume:
            return None
        refuse_reached_limit(run_dir, config.train.max_steps)
        return read_run_file(run_dir).dataset

    def open_source(report: ReportProgress) -> Source:
        data = known()
        report("importing torch", None)
        from jem_tui.jem.trainer.build import open_trainer

        return open_trainer(config, run_dir, resume, report, data)

    return LeadingRank(config, run_dir, known, resume) if rank_and_size()[1] > 1 else open_source


def choose_output(
    no_ui: bool, json_lines: bool, label: str, warnings: Sequence[str] = ()
) -> Callable[[OpenSource, Path, bool], int]:
    """Return the function that runs a source: the screen on a capable terminal, else plain output. It returns the exit code.

    The function takes the source, the run folder, and whether other processes can attach to the run. The screen displays the `label` and
    the `warnings`; without it, the warnings are printed on stderr now.
    """
    wanted = not (no_ui or json_lines)
    if wanted and capable_terminal() and not attended_terminal():
        say("Training without the screen, because stdin or stderr is not a terminal.")
    if wanted and attended_terminal():
        from jem_tui.cli.screens.training_screen import run_screen

        return partial(run_screen, label=label, warnings=warnings)
    for sentence in warnings:
        say(f"Warning: {sentence}")
    from jem_tui.cli.headless import run_displayed, run_json, run_plain, run_progress

    if json_lines:
        return run_json
    if os.environ.get(DISPLAYED_VARIABLE):
        return run_displayed
    return run_progress if capable_terminal() else run_plain
