"""`jem-tui watch -- COMMAND`: a script of the user with the screen on top, or with its plain output."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import TYPE_CHECKING, Annotated, cast

import typer

from jem_tui.cli.messages import say
from jem_tui.cli.options import NoUi
from jem_tui.cli.terminal import attended_terminal
from jem_tui.errors import EXIT_CODES, InputError
from jem_tui.signals import handle

if TYPE_CHECKING:
    from jem_tui.launch.script import Script
    from jem_tui.launch.script_worker import ScriptWorker
    from jem_tui.stream.attach.door_file import DoorFile
    from jem_tui.stream.attach.viewer import Viewer

HOW_TO_WATCH = (
    "To display its run, wrap the loop in `with jem_tui.watch() as run:`, and call run.step(loss=loss) after each step."
)
SIDE_BY_SIDE = 100
"""Minimum columns of a terminal whose console takes half of the width."""
SAME_SIGNAL = 0.5
"""Seconds within which a second signal is taken for the first one."""
LAST_OUTPUT = 1 << 16
"""Bytes of a script's output that are printed after its screen."""

Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="-- COMMAND...", help="The script and its arguments, such as python my.py --epochs 3."),
]


def watch(words: Words = None, no_ui: NoUi = False) -> None:
    """Run a script that calls jem_tui.watch, with the screen on top. The exit code is that of the script."""
    if not words:
        raise InputError("No script is given.", "Write jem-tui watch -- python my.py.")
    from jem_tui.launch.script import Script

    on_screen = attended_terminal() and not no_ui
    script = Script(words, _size_of_console() if on_screen else None)
    raise typer.Exit(show_script(script) if on_screen else _pass_through(script))


def show_script(script: Script) -> int:
    """Display the script and its run on the screen, and return the exit code."""
    from jem_tui.cli.screens.show_run import show_run
    from jem_tui.tui.state.run_handle import RunHandle
    from jem_tui.tui.state.screen_role import ScreenRole

    role = ScreenRole(ends_script=True, trains=script.is_own)
    run = RunHandle(lambda: _worker(script, display=True), script.interrupt, role)
    if show_run(run, Path(), script.name, ()) is None and not run.leaving:
        say(f"{script.name} continues without the screen. Ctrl-C saves and ends it.")
    return _follow(script, cast("ScriptWorker", run.start()), displayed=True)


def _pass_through(script: Script) -> int:
    """Print the output of the script until it has ended, and return the exit code."""
    worker = _worker(script, display=False)
    worker.start()
    return _follow(script, worker, displayed=False)


def _worker(script: Script, *, display: bool) -> ScriptWorker:
    from jem_tui.launch.script_worker import ScriptWorker

    return ScriptWorker(script, _join, display=display)


def _follow(script: Script, worker: ScriptWorker, *, displayed: bool) -> int:
    """Print the output of a script until it has ended, report the end, and return the exit code. Signals end the script."""
    handle(ScriptEnding(script, worker), by_run=True)
    for text in _output(worker):
        _write(text)
    while (code := script.exit_code) is None:
        script.wait(0.1)
    if displayed and worker.run_dir is None:
        _print_last(script.log.path)
    return _report(script, worker, code)


def _output(worker: ScriptWorker) -> Iterator[str]:
    from jem_tui.events.viewing import Printed

    for event in worker.until_stopped():
        if isinstance(event, Printed):
            yield event.text


def _write(text: str) -> None:
    """Print on stdout; a stdout that no process reads does not end the script."""
    from jem_tui.stream.fan_out import redirect_to_null

    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        redirect_to_null(sys.stdout)


class ScriptEnding:
    """A signal handler that stops the script as the screen does: the first signal lets it save, each later one interrupts it."""

    def __init__(self, script: Script, worker: ScriptWorker) -> None:
        self._script = script
        self._worker = worker
        self._received = 0.0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        from jem_tui.events.commands import Stop

        before, self._received = self._received, monotonic()
        if not before:
            self._worker.send(Stop(save=True, reason="interrupted"))
        # `timeout` and some shells send a signal twice
        elif self._received - before > SAME_SIGNAL:
            self._script.interrupt()


def _report(script: Script, worker: ScriptWorker, code: int) -> int:
    """Print how the script and its run have ended, and return the exit code: 130 where a signal has ended it in order."""
    from jem_tui.cli.messages import report_ending

    kept = script.close()
    if script.is_own and code == EXIT_CODES["refused"]:
        # The printed output ends with the sentence of the refusal
        return code
    if worker.run_dir is not None and worker.ended is not None:
        report_ending(worker.ended, worker.run_dir)
    elif code:
        say(f"{script.name} ended with exit code {code} before it recorded a run.")
    else:
        say(f"{script.name} ended without recording a step. {HOW_TO_WATCH}")
    say(f"The output is in {kept}")
    return EXIT_CODES["interrupted"] if worker.reason == "interrupted" and not code else code


def _print_last(path: Path) -> None:
    """Print the end of the output, which the screen has covered."""
    with suppress(OSError), path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LAST_OUTPUT))
        _write(file.read().decode("utf-8", "replace"))


def _join(door: DoorFile) -> Viewer:
    from jem_tui.cli.screens.attached_run import author
    from jem_tui.stream.attach.connect import connect_socket
    from jem_tui.stream.attach.viewer import Viewer

    return Viewer(lambda: connect_socket(Path(door.socket)), Path(door.run_dir), author())


def _size_of_console() -> dict[str, str]:
    """Return variables with the size of the console, for the progress bars of a script, unless the user has set them."""
    columns = shutil.get_terminal_size().columns
    width = columns // 2 if columns >= SIDE_BY_SIDE else columns
    return {} if "COLUMNS" in os.environ else {"COLUMNS": str(max(20, width - 4)), "LINES": "24"}
