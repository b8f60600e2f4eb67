"""The Typer application: registration of all commands."""

from __future__ import annotations

import os

import typer

from jem_tui.cli.attach import attach
from jem_tui.cli.bridge import bridge
from jem_tui.cli.browsing.browse import browse
from jem_tui.cli.browsing.compare import compare
from jem_tui.cli.config import show_config
from jem_tui.cli.demo import demo
from jem_tui.cli.doctor import doctor
from jem_tui.cli.draw import draw
from jem_tui.cli.eval import evaluate
from jem_tui.cli.export import export
from jem_tui.cli.replay import replay
from jem_tui.cli.runs import runs
from jem_tui.cli.sample import sample
from jem_tui.cli.serving.serve import serve
from jem_tui.cli.sweep import sweep
from jem_tui.cli.terminal import ASCII_VARIABLE
from jem_tui.cli.train import train
from jem_tui.cli.watch import watch
from jem_tui.version import __version__

app = typer.Typer(
    name="jem-tui",
    help="Train Joint Energy-based Models and watch and steer their Langevin chains in the terminal.",
    epilog="Exit codes: 0 done or stopped, 1 failed, 2 wrong usage or input, 3 diverged, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("train")(train)
app.command("demo")(demo)
app.command("sweep", context_settings={"ignore_unknown_options": True})(sweep)
app.command("attach")(attach)
app.command("replay")(replay)
app.command("sample")(sample)
app.command("eval")(evaluate)
app.command("draw")(draw)
app.command("export")(export)
app.command("browse")(browse)
app.command("runs")(runs)
app.command("compare")(compare)
app.command("serve", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(serve)
app.command("watch", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(watch)
app.command("config")(show_config)
app.command("doctor")(doctor)
app.command("bridge")(bridge)


def print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jem-tui {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: bool = typer.Option(False, "--version", callback=print_version, is_eager=True, help="Show the version."),
    ascii_: bool = typer.Option(
        False, "--ascii", help="Draw the screen with ASCII characters only (same as JEM_TUI_ASCII=1)."
    ),
) -> None:
    """Train Joint Energy-based Models and watch and steer their Langevin chains in the terminal."""
    if ascii_:
        os.environ[ASCII_VARIABLE] = "1"
