"""The Typer application with all commands."""

from __future__ import annotations

from jem_tui.cli.registration import make_app

app = make_app()
