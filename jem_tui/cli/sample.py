"""`jem-tui sample`: new chains of a trained model, as an image and optionally an animation."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from jem_tui.cli.options import Device
from jem_tui.cli.repeated_code import OwnData, OwnNetwork, OwnWords, named_plugins
from jem_tui.cli.run_inputs import DataDir, Run, opened_settings, report_resume_warnings
from jem_tui.cli.select_runs import the_run
from jem_tui.cli.suspend import suspendable
from jem_tui.cli.terminal import capable_terminal
from jem_tui.config.recorded_plugins import plugins_in, refuse_other_code
from jem_tui.errors import InputError
from jem_tui.message_text import nearest, shown
from jem_tui.plugins.trust import PluginUse

if TYPE_CHECKING:
    from jem_tui.jem.saved_run.generate import GeneratedChains, Start
    from jem_tui.jem.saved_run.load_run import OpenedRun

DEFAULT_NAME = "samples.png"
STARTS = ("initial", "informative", "uniform")

Count = Annotated[int, typer.Option(metavar="N", min=1, max=1_000_000, help="Number of chains.")]
Steps = Annotated[int, typer.Option(metavar="N", min=0, max=1_000_000, help="SGLD steps of each chain.")]
Class = Annotated[str, typer.Option("--class", metavar="NAME", help="Sample from p(x|y) of this class only.")]
Guidance = Annotated[
    float | None,
    typer.Option(
        metavar="W",
        min=0,
        max=100,
        help="With --class, descend (1 + W) E(x, y) − W E(x), towards images that p(y|x) is sure of (default: sgld.guidance).",
    ),
]
Seed = Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the initial states and of the noise.")]
Begin = Annotated[
    str,
    typer.Option(
        metavar="WHERE",
        help="Initial distribution: initial (that of the run), informative (class Gaussians) or uniform.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="PATH",
        help="FILE.png: one picture (default: a new samples.png, samples-2.png, …). FILE.npz: an array. FOLDER: a PNG for each chain.",
    ),
]
Gif = Annotated[
    Path | None, typer.Option(metavar="FILE.gif", help="Animation of the chains from their initial states.")
]


def sample(
    run: Run,
    count: Count = 64,
    steps: Steps = 100,
    class_: Class = "",
    guidance: Guidance = None,
    seed: Seed = 0,
    start: Begin = "initial",
    out: Out = None,
    gif: Gif = None,
    network: OwnNetwork = None,
    data: OwnData = None,
    set_: OwnWords = None,
    data_dir: DataDir = "",
    device: Device = "",
) -> None:
    """Draw samples from a trained model with new chains, without its replay buffer, and write them as images."""
    check_options(out, gif, guidance, class_)
    where = known_start(start)
    words = set_ or []
    repeated = [*named_plugins(network or (), data or ()), *plugins_in(words)]
    from jem_tui.stream.export.image_sheets import frame_steps
    from jem_tui.stream.export.sample_files import save_samples

    with progress_bar(steps) as (say, step_done), redirect_stdout(sys.stderr):
        opened = guided(open_here(run, data_dir, device, say, repeated, words), guidance)
        label = label_of(class_, opened)
        say("running the chains")
        from jem_tui.jem.saved_run.generate import draw_chains

        drawn = draw_chains(opened, count, steps, seed, label, where, frame_steps(steps) if gif else (), step_done)
    report_resume_warnings(run, opened)
    target = out or new_name(Path(DEFAULT_NAME))
    show(drawn)
    save_samples(target, drawn.tiles)
    print(
        f"{target}  {counted(count, 'chain')} after {counted(steps, 'step')}, mean E {drawn.energy:.2f}, confidence {drawn.confidence:.2f}"
    )
    if gif:
        write_animation(gif, drawn)


def write_animation(path: Path, drawn: GeneratedChains) -> None:
    """Write the frames of the chains as a GIF, and print its path."""
    from jem_tui.stream.export.image_sheets import save_gif

    save_gif(path, drawn.frames)
    print(f"{path}  {len(drawn.frames)} frames")


def guided(opened: OpenedRun, guidance: float | None) -> OpenedRun:
    """Return an opened run with this guidance; None leaves that of its settings."""
    if guidance is None:
        return opened
    sgld = replace(opened.config.sgld, guidance=guidance)
    return replace(opened, config=replace(opened.config, sgld=sgld))


def check_options(out: Path | None, gif: Path | None, guidance: float | None, class_: str) -> None:
    """Raise InputError, before any computation, unless the files can be written and guidance has a class."""
    check_out(out)
    check_target(gif, ".gif", "--gif")
    if guidance and not class_:
        raise InputError("--guidance needs a class.", "Add --class NAME, or drop --guidance.")


def check_out(path: Path | None) -> None:
    """Raise InputError, before any computation, unless samples can be written to this file or new folder."""
    if path is None or path.suffix:
        check_target(path, ".npz" if path and path.suffix.lower() == ".npz" else ".png", "--out")
    elif path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise InputError(f"--out {path} exists already.", "Choose a new or an empty folder, FILE.png or FILE.npz.")
    elif not path.parent.is_dir():
        raise InputError(
            f"--out {path} cannot be written: there is no folder {path.parent}.", "Create it, or choose another path."
        )


def check_target(path: Path | None, suffix: str, flag: str) -> None:
    """Raise InputError, before any computation, unless a file of this name can be written."""
    if path is None:
        return
    if path.suffix.lower() != suffix:
        raise InputError(f"{flag} {path} does not end in {suffix}.", f"For example: {flag} {path.stem or 'x'}{suffix}.")
    if path.is_dir() or not path.parent.is_dir():
        what = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
        raise InputError(f"{flag} {path} cannot be written: {what}.", "Choose a file in an existing folder.")


def known_start(start: str) -> Start:
    """Return `start` as a checked literal. Raises InputError unless it names an initial distribution."""
    if start not in STARTS:
        raise InputError(f"--start is {shown(start)}{nearest(start, STARTS)}.", f"It can be {', '.join(STARTS)}.")
    return cast("Start", start)


def label_of(name: str, opened: OpenedRun) -> int | None:
    """Return the index of the class of `--class`, None without that option. Raises InputError if there is no such class."""
    from jem_tui.jem.data.held_out_classes import class_index

    return class_index(name, opened.data.class_names) if name else None


def open_here(
    run: Path,
    data_dir: str,
    device: str,
    say: Callable[[str], None],
    repeated: Sequence[PluginUse] = (),
    words: Sequence[str] = (),
) -> OpenedRun:
    """Open the model and data of a run, whose own code `repeated` names."""
    run = the_run(run)
    config, chosen = opened_settings(run, data_dir, device, repeated, words)
    refuse_other_code([config], repeated)
    say("importing torch")
    from jem_tui.jem.saved_run.load_run import open_run
    from jem_tui.stream.runs.run_dir import read_run_file

    return open_run(config, run, chosen, lambda text, fraction: say(text), read_run_file(run).dataset)


@contextmanager
def progress_bar(steps: int) -> Iterator[tuple[Callable[[str], None], Callable[[int], None]]]:
    """Show a transient progress bar on stderr, if that is a terminal; yield functions that set its text and the number of steps done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=None), TimeRemainingColumn())
    with (
        suspendable(),
        Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("", total=max(1, steps))
        yield lambda text: progress.update(task, description=text), lambda k: progress.update(task, completed=k)


def new_name(path: Path) -> Path:
    """Return `path`, or the first of path-2, path-3, … that does not exist."""
    names = itertools.chain([path], (path.with_stem(f"{path.stem}-{n}") for n in itertools.count(2)))
    return next(name for name in names if not name.exists())


def counted(number: int, what: str) -> str:
    """Format a number with its noun, such as "1 step" or "20 steps"."""
    return f"{number:,} {what}" + ("s" if number != 1 else "")


def show(chains: GeneratedChains) -> None:
    """Print as many of the chains as fit on the terminal, if there is one."""
    if not capable_terminal():
        return
    from rich.console import Console

    from jem_tui.stream.console.tile_text import picture_lines

    console = Console()
    for line in picture_lines(chains.tiles, console)[0]:
        console.print(line, highlight=False, no_wrap=True, crop=True)
