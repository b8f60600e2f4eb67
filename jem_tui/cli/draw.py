"""`jem-tui draw`: a canvas whose drawing the network of a run scores."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.options import Device
from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.repeated_code import OwnData, OwnNetwork, OwnWords, named_plugins
from jem_tui.cli.run_inputs import DataDir, Run, opened_settings
from jem_tui.cli.screens.drawing_models import drawing_access, missing_model
from jem_tui.cli.select_runs import the_run
from jem_tui.cli.terminal import attended_terminal
from jem_tui.config.recorded_plugins import plugins_in, refuse_other_code
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.printable import printable
from jem_tui.signals import leave_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jem_tui.config.schema import RunConfig
    from jem_tui.tui.state.drawing_access import DrawingAccess

ImageFile = Annotated[
    Path | None,
    typer.Option(
        "--image", metavar="FILE", help="Start with this image, cut and scaled to the size of the run's images."
    ),
]


def draw(
    run: Run,
    image: ImageFile = None,
    data_dir: DataDir = "",
    device: Device = "",
    network: OwnNetwork = None,
    data: OwnData = None,
    set_: OwnWords = None,
) -> None:
    """Draw an image, and see its class, its energy among those of the data, and where the run's sampler moves it."""
    limit_threads_of_numpy()
    folder, access = drawable_run(run, image, data_dir, device, network, data, set_)
    if not attended_terminal():
        raise InputError("jem-tui draw needs a terminal.", "To score many images, use jem-tui eval.")
    raise typer.Exit(show(folder, access, image))


def drawable_run(
    run: Path,
    image: Path | None,
    data_dir: str,
    device: str,
    network: Sequence[str] | None,
    data: Sequence[str] | None,
    set_: Sequence[str] | None,
) -> tuple[Path, DrawingAccess]:
    """Return the folder of the run and the access to its model.

    Raises InputError if the run has no model that could be opened, or if there is no file `image`.
    """
    folder = the_run(run)
    repeated = [*named_plugins(network or (), data or ()), *plugins_in(set_ or ())]

    @cache
    def settings() -> tuple[RunConfig, str]:
        return opened_settings(folder, data_dir, device, repeated, set_ or ())

    refuse_other_code([settings()[0]], repeated)
    reason = missing_model(folder, settings)
    if reason:
        raise InputError(f"{folder}: {reason}")
    if image is not None and not image.is_file():
        state = "is not a file" if image.exists() else "does not exist"
        raise InputError(f"{image} {state}.", "Pass a PNG or JPEG file with --image.")
    return folder, drawing_access(folder, settings)


def recorded_shape(run_dir: Path) -> list[int] | None:
    """Return the height, width and channels of the images that a run has recorded; None in runs without them."""
    from jem_tui.stream.runs.run_dir import read_run_file

    dataset = read_run_file(run_dir).dataset
    sides = [dataset.get(name) for name in ("height", "width", "channels")]
    known = [side for side in sides if isinstance(side, int)]
    return known if len(known) == len(sides) else None


def show(run_dir: Path, access: DrawingAccess, image: Path | None) -> int:
    """Display the draw screen until the user closes it, and return the exit code."""
    from jem_tui.cli.screens.app_setup import glyph_filters, refuse_unknown_driver
    from jem_tui.tui.draw.draw_app import DrawApp
    from jem_tui.tui.preferences.preferences import Preferences, preferences_file

    refuse_unknown_driver()
    app = DrawApp(
        printable(run_dir.resolve().name),
        access,
        image,
        shape=recorded_shape(run_dir),
        run_dir=str(run_dir),
        preferences=Preferences.load(preferences_file()),
        glyphs=glyph_filters(),
    )
    try:
        app.run()
    finally:
        app.give_back()
    if app.failure is not None:
        say(app.failure.sentence)
    code = EXIT_CODES["failed" if app.failure is not None else "interrupted" if app.interrupted else "stopped"]
    if "torch" in sys.modules:
        # an interpreter that has imported torch takes seconds to shut down on a busy machine
        leave_with(code)
    return code
