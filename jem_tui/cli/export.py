"""`jem-tui export`: a recorded run as files for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.terminal import tell_damage
from jem_tui.config.load import nearest
from jem_tui.errors import InputError, JemError

if TYPE_CHECKING:
    from jem_tui.stream.export import Line
    from jem_tui.stream.timeline import Timeline

PARTS = ("csv", "parquet", "plots", "samples", "screen")
USUAL = ("csv", "plots", "samples", "screen")
SCREEN = (120, 35)
"""Columns and rows of the picture of the screen."""

Out = Annotated[Path | None, typer.Option(metavar="DIR", help="Where to (default: the folder `export` in the run).")]
Only = Annotated[
    str,
    typer.Option(metavar="PARTS", help=f"Some of {','.join(PARTS)} (default: all but parquet, which needs pyarrow)."),
]
Smoothing = Annotated[
    float, typer.Option(metavar="W", help="Weight of the exponential smoothing, 0 to 0.999; 0: none.")
]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run folder, or any folder of TensorBoard event files.")],
    out: Out = None,
    only: Only = "",
    smoothing: Smoothing = 0.9,
) -> None:
    """Write a run's curves as tables and plots, its samples as PNG and GIF, and its last screen as SVG."""
    parts = chosen(only)
    if not 0 <= smoothing <= 0.999:
        raise InputError(f"--smoothing is {smoothing:g}.", "It must be a number from 0 to 0.999.")
    from jem_tui.stream.export import lines, read_timeline
    from jem_tui.stream.printable import printable

    timeline = read_timeline(run)
    if timeline.health is not None:
        tell_damage(run, timeline.health.skipped, timeline.health.gaps)
    target = out or run / "export"
    try:
        target.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(f"{target} is no folder.", "Name another one with --out.") from None
    except OSError as error:
        raise JemError(f"Cannot make {target}: {error.strerror}.", "Name another folder with --out.") from None
    try:
        curves = lines(timeline, smoothing)
        for part in parts:
            print(f"{part:8} {printable(writers(run, target, timeline, curves)[part]())}", flush=True)
    except OSError as error:
        raise JemError(
            f"Cannot write {error.filename or target}: {error.strerror or error}.", "Name another folder with --out."
        ) from None


def writers(run: Path, target: Path, timeline: Timeline, curves: dict[str, Line]) -> dict[str, Callable[[], str]]:
    """What writes each part and says where it is."""
    from jem_tui.stream import export as files

    def table(name: str, write: Callable[[Path, dict[str, Line]], int]) -> str:
        count = write(target / name, curves)
        return f"{target / name}  {count:,} values of {len(curves)} curves"

    def plots() -> str:
        if not curves:
            return "the run has no curves"
        files.write_plots(target / "curves.png", curves, run.resolve().name)
        return f"{target / 'curves.png'}"

    def samples() -> str:
        written = files.write_samples(target, timeline)
        if not written:
            return "the run has no pictures"
        return f"{written[-1]} and {len(written) - 1:,} sheets in {written[0].parent}"

    return {
        "csv": lambda: table("scalars.csv", files.write_csv),
        "parquet": lambda: table("scalars.parquet", files.write_parquet),
        "plots": plots,
        "samples": samples,
        "screen": lambda: screen(run, target),
    }


def screen(run: Path, target: Path) -> str:
    """The last screen of a replay."""
    from jem_tui.cli.replay import replayer_opener
    from jem_tui.tui.portrait import portrait

    path = target / "screen.svg"
    try:
        picture = portrait(replayer_opener([run], 1000.0), run.resolve().name, SCREEN)
    except TimeoutError:
        raise JemError("The replay did not come to its end in a minute.", "Leave out the screen with --only.") from None
    path.write_text(picture, encoding="utf-8")
    return f"{path}"


def chosen(only: str) -> tuple[str, ...]:
    """The parts asked for. Raises InputError for any other word."""
    words = {word.strip() for word in only.split(",") if word.strip()}
    for word in sorted(words.difference(PARTS)):
        raise InputError(f"--only has no part named {word}{nearest(word, PARTS)}.", f"Parts: {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in (words or USUAL))
