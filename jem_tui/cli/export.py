"""`jem-tui export`: conversion of a recorded run into files for other programs."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import report_left_out, say
from jem_tui.cli.select_runs import for_each, found_runs
from jem_tui.errors import InputError, JemError
from jem_tui.message_text import nearest
from jem_tui.printable import printable

if TYPE_CHECKING:
    from jem_tui.stream.export.scalar_tables import SmoothedCurve
    from jem_tui.stream.reader.log_reader import Recording

PARTS = ("csv", "parquet", "plots", "samples", "screen")
USUAL = ("csv", "plots", "samples", "screen")
MOST_FLAWS = 8
"""Number of unreadable images that are reported one by one."""
SCREEN = (120, 35)
"""Columns and rows of the exported screen."""

Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Target folder (default: `export` in the run); several runs get a sub-folder each.",
    ),
]
Only = Annotated[
    str,
    typer.Option(
        metavar="PARTS",
        help=f"Comma-separated parts: {','.join(PARTS)} (default: all but parquet, which needs pyarrow).",
    ),
]
Smoothing = Annotated[float, typer.Option(metavar="W", help="Weight of the exponential smoothing, 0 (none) to 0.999.")]
Tags = Annotated[
    str,
    typer.Option(metavar="GLOB", help="Only curves and images whose tag matches, such as 'train/*' (default: all)."),
]


def export(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A run folder, a folder of TensorBoard event files, or a folder with runs at any depth."
        ),
    ],
    out: Out = None,
    only: Only = "",
    smoothing: Smoothing = 0.9,
    tags: Tags = "*",
) -> None:
    """Write a run's curves as tables and plots, its images as PNG and GIF, and its last screen as SVG."""
    parts = chosen(only)
    if not 0 <= smoothing <= 0.999:
        raise InputError(f"--smoothing is {smoothing:g}.", "It must be a number from 0 to 0.999.")
    found = found_runs([run])

    def export_each(each: Path) -> None:
        if len(found) > 1:
            print(printable(str(each)), flush=True)
        own = out / each.relative_to(run) if out and len(found) > 1 else out
        export_run(each, target_of(each, own), parts, smoothing, tags)

    for_each(found, export_each)


def target_of(run: Path, out: Path | None) -> Path:
    """Return the folder for the files of a run."""
    return out or (run.parent if run.is_file() else run) / "export"


def export_run(run: Path, target: Path, parts: Sequence[str], smoothing: float, tags: str) -> None:
    """Write the parts of one run, and print on stdout where each part is. Raises JemError."""
    from jem_tui.stream.export.scalar_tables import lines
    from jem_tui.stream.reader.log_cache import read_recording

    recording = read_recording(run)
    report_left_out(run, recording.left_out)
    _make_folder(target)
    points = {tag: points for tag, points in recording.points.items() if fnmatchcase(tag, tags)}
    curves = lines(points, smoothing)
    for part in parts:
        written = _write(writers(run, target, recording, curves, tags)[part], target)
        print(f"{part:8} {printable(written)}", flush=True)


def _write(write: Callable[[], str], target: Path) -> str:
    try:
        return write()
    except OSError as error:
        raise JemError(
            f"Cannot write {error.filename or target}: {error.strerror or error}.", "Choose another folder with --out."
        ) from None


def _make_folder(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{target} is not a folder.", "Choose another folder with --out.") from None
    except OSError as error:
        kind = InputError if error.errno == errno.ENAMETOOLONG else JemError
        raise kind(f"Cannot create {target}: {error.strerror}.", "Choose another folder with --out.") from None


def writers(
    run: Path, target: Path, recording: Recording, curves: dict[str, SmoothedCurve], tags: str
) -> dict[str, Callable[[], str]]:
    """Return by part the functions that write files and return a line for stdout."""
    from jem_tui.stream.export import scalar_tables

    def table(name: str, write: Callable[..., int]) -> str:
        count = write(target / name, curves, foreign=recording.foreign)
        return f"{target / name}  {_counted('value', count)} of {_counted('curve', len(curves))}"

    return {
        "csv": lambda: table("scalars.csv", scalar_tables.write_csv),
        "parquet": lambda: table("scalars.parquet", scalar_tables.write_parquet),
        "plots": lambda: plots(run, target, curves),
        "samples": lambda: pictures(run, target, recording, tags),
        "screen": lambda: screen(run, target),
    }


def plots(run: Path, target: Path, curves: dict[str, SmoothedCurve]) -> str:
    """Write the curves as pages of plots."""
    from jem_tui.stream.export.plot_pages import MOST_PLOTS, write_plots

    if not curves:
        return "there are no curves to plot"
    pages = write_plots(target / "curves.png", curves, run.resolve().name)
    more = f" and {_counted('more page', len(pages) - 1)} next to it" if len(pages) > 1 else ""
    left = len(curves) - MOST_PLOTS
    limit = f"  the first {MOST_PLOTS} of {len(curves):,} curves: --tags plots others, csv has all" if left > 0 else ""
    return f"{pages[0]}{more}{limit}"


def pictures(run: Path, target: Path, recording: Recording, tags: str) -> str:
    """Write the recorded images as PNG sheets and GIF animations."""
    from jem_tui.events.run import X_HAT
    from jem_tui.stream.export.image_files import write_pictures
    from jem_tui.stream.log_data.entries import DeferredEvent

    items = (
        item for item in recording.entries if isinstance(item, DeferredEvent) and fnmatchcase(item.tag or X_HAT, tags)
    )
    written = write_pictures(target, items)
    for flaw in written.flaws[:MOST_FLAWS]:
        say(flaw)
    if more := len(written.flaws[MOST_FLAWS:]):
        say(f"{_counted('more image', more)} cannot be read or drawn")
    if not written.pictures:
        return "no image could be written" if written.flaws else "there are no images"
    counts = f"{_counted('image', len(written.pictures))} in {target / 'samples'}"
    return ", ".join([counts, *_animations(written.animations)])


def _animations(paths: list[Path]) -> list[str]:
    if len(paths) > 1:
        return [f"{_counted('animation', len(paths))} next to them"]
    return [f"animated in {path}" for path in paths]


def screen(run: Path, target: Path) -> str:
    """Write the screen at the end of a replay as SVG."""
    from jem_tui.cli.open_replayer import replayer_opener
    from jem_tui.printable import printable
    from jem_tui.tui.offscreen import render_offscreen

    path = target / "screen.svg"
    try:
        picture = render_offscreen(replayer_opener([run], 1000.0), printable(run.resolve().name), SCREEN)
    except TimeoutError:
        raise JemError(
            "The last screen could not be drawn within a minute.", "Leave out the screen with --only."
        ) from None
    path.write_text(picture, encoding="utf-8", errors="backslashreplace")
    return f"{path}"


def chosen(only: str) -> tuple[str, ...]:
    """Return the parts that `--only` names. Raises InputError for any other word."""
    words = {word.strip() for word in only.split(",") if word.strip()}
    for word in sorted(words.difference(PARTS)):
        raise InputError(f"--only has no part named {word}{nearest(word, PARTS)}.", f"Parts: {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in (words or USUAL))


def _counted(what: str, count: int) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
