"""`jem-tui attach`: the screen of a live run of another process, on this machine or on another."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jem_tui.cli.process_setup import limit_threads_of_numpy
from jem_tui.cli.remote_run import SCHEME, RemoteCommand, RemoteConnections, ssh_command, via_command
from jem_tui.cli.screens.attached_run import LiveRun, display
from jem_tui.cli.select_live_run import select_live_run
from jem_tui.errors import InputError

if TYPE_CHECKING:
    from jem_tui.stream.attach.connect import ByteStream

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="Run folder, name of a run below ./runs, or ssh://[USER@]HOST[:PORT]/PATH (default: the live run of this machine; of several, you choose one).",
        show_default=False,
    ),
]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        help="View only: the keys that change or stop the run are left out. To start a script, use `jem-tui watch`.",
    ),
]
Via = Annotated[
    str,
    typer.Option(
        metavar="COMMAND",
        help='Reach the run through a command, such as "srun --jobid 7 --overlap" or "kubectl exec -i POD --", to which "jem-tui bridge RUN" is appended, unless the word bridge is among its words.',
    ),
]
RemoteName = Annotated[
    str,
    typer.Option(
        "--remote-command",
        metavar="COMMAND",
        help="Command that starts jem-tui on the other machine, such as ~/venv/bin/jem-tui (default: JEM_TUI_REMOTE, or jem-tui).",
    ),
]


def attach(run: Run = "", watch: Watch = False, via: Via = "", remote_command: RemoteName = "") -> None:
    """Watch and steer a live run from another terminal or machine. Leaving the screen does not stop the run."""
    limit_threads_of_numpy()
    options = [*(["--watch"] if watch else []), *_given("--via", via), *_given("--remote-command", remote_command)]
    if via or run.startswith(SCHEME):
        live = _remote_run(_command(run, via, remote_command), run, options)
    elif remote_command:
        raise InputError(
            "--remote-command applies only to a run on another machine.", "Leave it out, or pass ssh://HOST/PATH."
        )
    else:
        live = local_run(run, options)
    raise typer.Exit(display(live, view_only=watch))


def local_run(name: str, options: Sequence[str] = ()) -> LiveRun:
    """Return a live run of this machine. Raises InputError if it cannot be joined."""
    door = select_live_run(name)
    run_dir = Path(door.run_dir)
    return LiveRun(
        name=run_dir.name,
        connect=partial(_connect, run_dir),
        run_dir=run_dir,
        command=shlex.join(["jem-tui", "attach", *options, str(run_dir)]),
    )


def _connect(run_dir: Path, stated: str) -> ByteStream:
    """Connect to the door of a run, which is another one after the run was resumed. Raises InputError or OSError."""
    from jem_tui.stream.attach.connect import connect_socket
    from jem_tui.stream.attach.door_file import is_live, read_door

    door = read_door(run_dir)
    if door is None or not is_live(door):
        raise InputError("the process of the run does not answer")
    return connect_socket(Path(door.socket))


def _command(run: str, via: str, remote_command: str) -> RemoteCommand:
    if not via:
        return ssh_command(run, remote_command)
    if run.startswith(SCHEME):
        raise InputError("--via and ssh:// contradict each other.", "Pass the path of the run on the other machine.")
    return via_command(via, run, remote_command)


def _remote_run(command: RemoteCommand, run: str, options: Sequence[str]) -> LiveRun:
    reached = RemoteConnections(command)
    reached.open()
    return LiveRun(
        name=run or command.host,
        connect=reached.connect,
        run_dir=None,
        command=shlex.join(["jem-tui", "attach", *options, *([run] if run else [])]),
        host=command.host,
    )


def _given(option: str, value: str) -> list[str]:
    return [option, value] if value else []
