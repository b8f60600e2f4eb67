"""The command line: wiring only. Every heavy import is inside the command that needs it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

import typer

from jem_tui import __version__
from jem_tui.cli.config import show_config
from jem_tui.cli.eval import evaluate
from jem_tui.cli.export import export
from jem_tui.cli.replay import replay
from jem_tui.cli.runs import runs
from jem_tui.cli.sample import sample
from jem_tui.cli.serve import serve
from jem_tui.cli.terminal import ASCII_VARIABLE
from jem_tui.cli.train import train
from jem_tui.errors import EXIT_CODES, JemError
from jem_tui.stream.printable import printable

app = typer.Typer(
    name="jem-tui",
    help="Train Joint Energy-based Models and watch and steer their Langevin chains in the terminal.",
    epilog="Exit codes: 0 done or stopped, 1 failed, 2 wrong usage or input, 3 diverged, 130 Ctrl-C.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train")(train)
app.command("replay")(replay)
app.command("sample")(sample)
app.command("eval")(evaluate)
app.command("export")(export)
app.command("runs")(runs)
app.command("serve", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(serve)
app.command("config")(show_config)


def print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jem-tui {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=print_version, is_eager=True, help="Show the version."),
    ascii_: bool = typer.Option(
        False, "--ascii", help="Draw the screen with ASCII alone (JEM_TUI_ASCII=1 does so, too)."
    ),
) -> None:
    """Train Joint Energy-based Models and watch and steer their Langevin chains in the terminal."""
    if ascii_:
        os.environ[ASCII_VARIABLE] = "1"


def main() -> None:
    """The `jem-tui` command: one clear sentence on stderr for what goes wrong, and the documented exit codes."""
    give_closed_streams_a_place()
    try:
        app()
    except SystemExit as ended:
        leave(ended)
    except JemError as error:
        print(f"jem-tui: {printable(str(error))}", file=sys.stderr)
        sys.exit(EXIT_CODES[error.reason])
    except KeyboardInterrupt:
        sys.exit(EXIT_CODES["interrupted"])
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(EXIT_CODES["failed"])
    except OSError as error:
        with suppress(OSError):  # a terminal that was closed
            print(f"jem-tui: {printable(str(error.filename or 'the output'))}: {error.strerror}", file=sys.stderr)
        os._exit(EXIT_CODES["failed"])  # flushing a full or closed stdout once more would end in a traceback


def leave(ended: SystemExit) -> None:
    """End with this exit code, even where the terminal is gone and nothing can be flushed any more."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        os._exit(ended.code if isinstance(ended.code, int) else EXIT_CODES["failed"])
    raise ended


def give_closed_streams_a_place() -> None:
    """A program started with stdout or stderr closed (`>&-`) writes into nothing instead of failing, or into another file."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115
