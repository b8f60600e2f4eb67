"""Ways to the model of a run for the draw screen: torch is imported when a model is opened, on the thread that opens it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from jem_tui.errors import InputError
from jem_tui.signals import leave_with
from jem_tui.tui.state.drawing_access import THREAD_NAME, DrawingAccess
from jem_tui.user_folders import expanded

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from jem_tui.config.schema import RunConfig
    from jem_tui.events.run import ReportProgress
    from jem_tui.plugins.trust import PluginUse
    from jem_tui.tui.state.drawing_access import OpenedChains, OpenedDrawings

    Settings = Callable[[], tuple[RunConfig, str]]
    """A function that returns the settings of a run and the device to open it on. Raises InputError."""

PATIENCE = 0.5
"""Seconds to wait for the thread of a model at the end of the program."""


def drawing_access(run_dir: Path, settings: Settings | None = None) -> DrawingAccess:
    """Return the access to the model in a run folder, with the run's recorded `settings` by default."""
    known = settings or partial(_recorded, run_dir)
    return DrawingAccess(
        open_drawings=partial(_open, run_dir, known),
        open_chains=partial(_open_chains, run_dir, known),
        missing=partial(missing_model, run_dir, known),
        read_image=partial(_read_image, known),
    )


def drawing_elsewhere(host: str) -> DrawingAccess:
    """Return the access of a viewer to a run on another machine: only the run itself can score its drawings."""
    reason = f"The run does not score drawings for this viewer now, and its model is on {host}. Start jem-tui draw RUN there."

    def refuse(*given: object) -> NoReturn:
        raise InputError(reason)

    read_image = partial(_read_image, _default)
    return DrawingAccess(open_drawings=refuse, open_chains=refuse, missing=lambda: reason, read_image=read_image)


def missing_model(run_dir: Path, settings: Settings) -> str:
    """Return why a folder has no model that could score drawings; "" if it has one. Nothing heavy is imported."""
    from jem_tui.run_files import MODEL_FILE, RUN_FILE, sorted_checkpoints

    if not (run_dir / RUN_FILE).is_file():
        return "Only runs of jem-tui have a model that can score an image."
    if not (sorted_checkpoints(run_dir) or (run_dir / MODEL_FILE).is_file()):
        return "The run has no checkpoint that could score an image. Save one while it trains, or resume the run."
    try:
        settings()
    except InputError as error:
        return str(error)
    return ""


def _recorded(run_dir: Path, repeated: Sequence[PluginUse] = ()) -> tuple[RunConfig, str]:
    from jem_tui.cli.run_inputs import opened_settings

    return opened_settings(run_dir, repeated=repeated)


def _default() -> tuple[RunConfig, str]:
    from jem_tui.config.schema import RunConfig

    return RunConfig(), "auto"


def _open(run_dir: Path, settings: Settings, report: ReportProgress) -> OpenedDrawings:
    config, device = settings()
    report("importing torch", None)
    from jem_tui.jem.evaluation.saved_drawings import open_drawings
    from jem_tui.stream.runs.run_dir import read_run_file

    return open_drawings(config, run_dir, device, report, read_run_file(run_dir).dataset)


def _open_chains(
    run_dir: Path, settings: Settings, shape: tuple[int, int, int], classes: int, report: ReportProgress
) -> OpenedChains:
    config, device = settings()
    report("importing torch", None)
    from jem_tui.jem.evaluation.saved_chains import open_chains
    from jem_tui.stream.runs.run_dir import read_run_file

    return open_chains(config, run_dir, device, shape, classes, report, read_run_file(run_dir).dataset)


def _read_image(settings: Settings, path: Path, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    from jem_tui.jem.data.drawn_image import read_for_model

    return read_for_model(expanded(str(path)), shape, settings()[0].data.background)


def leave_drawings_behind(code: int) -> None:
    """Exit at once if the thread of a model still runs: an interpreter that shuts down around torch can crash."""
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:
            thread.join(PATIENCE)
            if thread.is_alive():
                leave_with(code)
