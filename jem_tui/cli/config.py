"""`jem-tui config`: all settings with values, meanings and ranges, in a form that `--config` reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import fields

from jem_tui.cli.options import ConfigFile, Preset, Words
from jem_tui.config.load import SECTIONS, make_config
from jem_tui.config.schema import RunConfig


def show_config(preset: Preset = "", config: ConfigFile = None, set_: Words = None) -> None:
    """Print all settings as TOML, each with its meaning and range."""
    for line in toml_lines(make_config(preset, config, set_ or ())):
        print(spelled_out(line, sys.stdout.encoding))


def spelled_out(line: str, encoding: str) -> str:
    """Return the line with TOML escapes for characters that the encoding lacks. TOML has no `\\xfc`, unlike Python."""
    try:
        line.encode(encoding)
    except UnicodeEncodeError:
        return "".join(letter if letter.isascii() else f"\\U{ord(letter):08x}" for letter in line)
    return line


def toml_lines(config: RunConfig) -> Iterator[str]:
    """Yield the settings as the lines of a TOML file with comments."""
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
    """Return a value as TOML in one line. Text, numbers and booleans differ from JSON in one control character alone."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml_value(name)} = {toml_value(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
