"""Settings from a preset, a TOML file and `section.key=value` words, checked one by one."""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import Field, asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from jem_tui.config.presets import PRESETS
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError

SECTIONS: dict[str, Any] = {name: kind for name, kind in get_type_hints(RunConfig).items() if is_dataclass(kind)}


def make_config(preset: str, file: Path | None = None, words: Iterable[str] = ()) -> RunConfig:
    """A preset, changed by a TOML file, changed by `section.key=value` words; a later value wins.

    An empty `preset` leaves the choice to the file's own top-level `preset`, or to the default.

    Raises InputError for an unknown preset, key or an impossible value.
    """
    table = read_toml(file) if file else {}
    in_file = str(table.pop("preset", "fast"))
    config = from_preset(preset or in_file)
    config = apply_table(config, table, str(file))
    for word in words:
        config = with_word(config, word)
    return config


def with_word(config: RunConfig, word: str) -> RunConfig:
    """`config` changed by one `section.key=value` word."""
    key, _, text = word.partition("=")
    if not text or key.count(".") != 1:
        raise InputError(f"-s {word} is not of the form section.key=value.", "For example: -s sgld.steps=10.")
    return set_value(config, key.strip(), parse_value(text.strip()), f"-s {word}")


def from_preset(name: str) -> RunConfig:
    """The settings of a preset. Raises InputError if there is none of that name."""
    if name not in PRESETS:
        raise InputError(f"There is no preset {name!r}{nearest(name, PRESETS)}.", f"Presets: {', '.join(PRESETS)}.")
    return PRESETS[name]()


def from_mapping(table: Mapping[str, Any], where: str) -> RunConfig:
    """The inverse of `as_mapping`: the settings as a run folder keeps them."""
    values = dict(table)
    preset = str(values.pop("preset", "fast"))
    return apply_table(replace(RunConfig(), preset=preset), values, where)


def as_mapping(config: RunConfig) -> dict[str, Any]:
    """The settings as nested dicts of JSON values."""
    return asdict(config)


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as nested dicts. Raises InputError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read the settings in {path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}.") from None


def apply_table(config: RunConfig, table: Mapping[str, Any], where: str) -> RunConfig:
    """`config` with the values of nested dicts."""
    for section, values in table.items():
        check_known(section, SECTIONS, f"section [{section}]", where)
        if not isinstance(values, Mapping):
            raise InputError(f"{section} in {where} is a section, not a value.", f"For example: [{section}].")
        for key, value in values.items():
            config = set_value(config, f"{section}.{key}", value, where)
    return config


def set_value(config: RunConfig, key: str, value: Any, where: str) -> RunConfig:
    """`config` with one value changed. Raises InputError, naming the key and where it stood, if it is unknown or impossible."""
    section, _, name = key.partition(".")
    all_keys = [f"{s}.{f.name}" for s, kind in SECTIONS.items() for f in fields(kind)]
    check_known(key, all_keys, f"setting {key}", where)
    part = getattr(config, section)
    definition = next(f for f in fields(part) if f.name == name)
    checked = check_value(definition, get_type_hints(type(part))[name], value, f"{key} in {where}")
    return replace(config, **{section: replace(part, **{name: checked})})


def check_known(name: str, known: Iterable[str], what: str, where: str) -> None:
    """Raise InputError with the nearest known name, unless `name` is one."""
    if name not in known:
        raise InputError(f"Unknown {what} in {where}{nearest(name, known)}.", "`jem-tui config` lists all settings.")


def nearest(name: str, known: Iterable[str]) -> str:
    """Half a sentence with the most similar known name, or nothing."""
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.4)
    return f" (the nearest is {matches[0]})" if matches else ""


def parse_value(text: str) -> Any:
    """A word as TOML would read it, or as a plain string where TOML cannot."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def check_value(definition: Field[Any], kind: Any, value: Any, where: str) -> Any:
    """`value` in the field's type and range, or InputError naming the range."""
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise InputError(f"{where} is {value!r}.", f"It can be {', '.join(map(str, get_args(kind)))}.")
        return value
    if kind is str:
        return str(value)
    if kind is bool:
        if not isinstance(value, bool):
            raise InputError(f"{where} is {value!r}.", "It can be true or false.")
        return value
    return check_number(definition, kind, value, where)


def check_number(definition: Field[Any], kind: type, value: Any, where: str) -> int | float:
    """`value` as a number of the field's kind within its range, or InputError."""
    low, high = definition.metadata["low"], definition.metadata["high"]
    word = "a whole number" if kind is int else "a number"
    span = f"It must be {word} from {low} to {high}."
    number_given = isinstance(value, int | float) and not isinstance(value, bool)
    if not number_given or not math.isfinite(value) or (kind is int and value != int(value)):
        raise InputError(f"{where} is {value!r}.", span)
    if not low <= value <= high:
        raise InputError(f"{where} is {value!r}.", span)
    return int(value) if kind is int else float(value)
