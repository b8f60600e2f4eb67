"""`jem-tui config`: every setting with its value, meaning and range, in a form that `--config` takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

import typer

from jem_tui.cli.options import ConfigFile, Preset, Words
from jem_tui.config.load import SECTIONS, make_config
from jem_tui.config.schema import RunConfig


def show_config(preset: Preset = "", config: ConfigFile = None, set_: Words = None) -> None:
    """Print all settings as TOML, each with its meaning and range."""
    for line in toml_lines(make_config(preset, config, set_ or ())):
        typer.echo(line)


def toml_lines(config: RunConfig) -> Iterator[str]:
    """The settings as a TOML file with comments."""
    yield f"preset = {toml_value(config.preset)}"
    for section in SECTIONS:
        yield ""
        yield f"[{section}]"
        part = getattr(config, section)
        for field in fields(part):
            low, high = field.metadata["low"], field.metadata["high"]
            span = f" ({low} to {high})" if low is not None else ""
            yield f"# {field.metadata['doc']}{span}"
            yield f"{field.name} = {toml_value(getattr(part, field.name))}"


def toml_value(value: object) -> str:
    """Spell a text, number or truth value; JSON's way is TOML's but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
