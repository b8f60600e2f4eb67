"""Settings from a preset, a TOML file and `section.key=value` words, checked one by one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import Field, asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

from jem_tui.config.check_value import check_known, check_value
from jem_tui.config.presets import PRESETS
from jem_tui.config.run_bounds import with_bounds
from jem_tui.config.schema import RunConfig
from jem_tui.config.setting import Arguments
from jem_tui.config.toml_text import parse_toml, read_toml
from jem_tui.errors import InputError
from jem_tui.message_text import nearest, shortened, shown
from jem_tui.plugins.kinds import PluginKind
from jem_tui.watched_settings import refuse_watched

SHORT_DECIMAL = re.compile(r"[+-]?(\d+\.|\.\d+)([eE][+-]?\d+)?")
"""Decimal numbers without a digit before or after the point."""
SECTIONS: dict[str, Any] = {name: kind for name, kind in get_type_hints(RunConfig).items() if is_dataclass(kind)}
_KINDS: dict[str, Any] = {
    f"{section}.{name}": kind for section, part in SECTIONS.items() for name, kind in get_type_hints(part).items()
}
_FIELDS: dict[str, Field[Any]] = {
    f"{section}.{field.name}": field for section, part in SECTIONS.items() for field in fields(part)
}
Flag = tuple[str, object, str]
"""A setting, its value, and the option that gives it."""

KEYS = tuple(_FIELDS)
"""Every setting as section.name."""
PLUGINS: dict[str, PluginKind] = {
    key: field.metadata["plugin"] for key, field in _FIELDS.items() if "plugin" in field.metadata
}
"""The settings that can name a plug-in, as section.name, with the kind of the plug-in."""
FORMER: dict[str, Any] = {
    key: field.metadata["former"] for key, field in _FIELDS.items() if field.metadata.get("former") is not None
}
"""The values of settings, as section.name, in runs that were recorded before these settings existed."""


def make_config(
    preset: str, file: Path | None = None, words: Iterable[str] = (), flags: Sequence[Flag] = ()
) -> RunConfig:
    """Return a preset, changed by a TOML file, by `section.key=value` words and by options; a later value wins.

    An empty `preset` leaves the choice to the file's own top-level `preset`, or to the default.

    Raises InputError for an unknown preset, key or an impossible value, and if nothing ends the run.
    """
    words = list(words)
    table = read_settings(file) if file else {}
    in_file = preset_in(table, str(file))
    config = from_preset(preset or in_file)
    config = apply_table(config, table, str(file))
    for word in words:
        config = with_word(config, word)
    given = [*keys_of(table), *(word.partition("=")[0].strip() for word in words), *(key for key, *_ in flags)]
    return with_bounds(with_flags(config, flags), given)


def keys_of(table: Mapping[str, Any]) -> list[str]:
    """Return the settings in nested dicts, as section.name."""
    return [f"{section}.{key}" for section, values in table.items() if isinstance(values, Mapping) for key in values]


def with_word(config: RunConfig, word: str) -> RunConfig:
    """Return `config` changed by one `section.key=value` word."""
    key, _, text = word.partition("=")
    where = f"-s {shortened(word)}"
    if not text or key.count(".") != 1 + takes_arguments(key.rpartition(".")[0]):
        raise InputError(f"{where} is not of the form section.key=value.", "For example: -s sgld.steps=10.")
    key, text = key.strip(), text.strip()
    value = parse_value(text)
    return set_value(config, key, text if takes_text(key) and not isinstance(value, str) else value, where)


def with_flags(config: RunConfig, flags: Sequence[Flag]) -> RunConfig:
    """Return `config` with the values of command-line options."""
    for key, value, flag in flags:
        config = set_value(config, key, value, flag)
    return config


def takes_text(key: str) -> bool:
    """Return whether a setting is text, for which a word such as 1e5 or 2026-11-23 needs no quotes."""
    return _KINDS.get(key) is str


def built_in(key: str) -> Sequence[str] | None:
    """Return the names that a setting of a plug-in accepts apart from plug-ins; None if it accepts any text."""
    names: Sequence[str] | None = _FIELDS[key].metadata["built_in"]
    return names


def takes_arguments(key: str) -> bool:
    """Return whether a setting is an open table of keyword arguments, such as network.args."""
    return _KINDS.get(key) is Arguments


def from_preset(name: str) -> RunConfig:
    """Return the settings of a preset. Raises InputError if no preset has this name."""
    if name not in PRESETS:
        raise InputError(
            f"There is no preset {shown(name)}{nearest(name, PRESETS)}.", f"Presets: {', '.join(PRESETS)}."
        )
    return PRESETS[name]()


def from_mapping(table: Mapping[str, Any], where: str) -> RunConfig:
    """Return the settings from nested dicts of JSON values, as `as_mapping` makes them. Raises InputError for a watched run."""
    refuse_watched(table, where)
    values = dict(table)
    preset = preset_in(values, where)
    return apply_table(replace(RunConfig(), preset=preset), values, where)


def as_mapping(config: RunConfig) -> dict[str, Any]:
    """Return the settings as nested dicts of JSON values."""
    return asdict(config)


def read_settings(path: Path) -> dict[str, Any]:
    """Return a TOML file as nested dicts. Raises InputError where it cannot be read."""
    try:
        return read_toml(path)
    except OSError as error:
        raise InputError(
            f"Cannot read the settings in {path}: {error.strerror}.", "Pass a readable TOML file with --config."
        ) from None
    except ValueError as error:
        raise InputError(
            f"{path} is not valid TOML: {shortened(str(error), 300)}.", "Compare it with `jem-tui config`."
        ) from None


def preset_in(table: dict[str, Any], where: str) -> str:
    """Take the name of the preset out of the table. Raises InputError unless it is text."""
    preset = table.pop("preset", "fast")
    if not isinstance(preset, str):
        raise InputError(f"preset in {where} is {shown(preset)}.", f"It can be {', '.join(PRESETS)}.")
    return preset


def apply_table(config: RunConfig, table: Mapping[str, Any], where: str) -> RunConfig:
    """Return `config` with the values of nested dicts."""
    for section, values in table.items():
        check_known(section, SECTIONS, f"section [{shortened(section)}]", where)
        if not isinstance(values, Mapping):
            raise InputError(f"{section} in {where} is a section, not a value.", f"For example: [{section}].")
        for key, value in values.items():
            config = set_value(config, f"{section}.{key}", value, where)
    return config


def set_value(config: RunConfig, key: str, value: Any, where: str) -> RunConfig:
    """Return `config` with one value changed. Raises InputError, naming the key and its source, if the key is unknown or the value impossible."""
    table, _, argument = key.rpartition(".")
    if takes_arguments(table):
        key, value = table, {**value_of(config, table), argument: value}
    check_known(key, _FIELDS, f"setting {shortened(key)}", where)
    section, _, name = key.partition(".")
    part = getattr(config, section)
    checked = check_value(_FIELDS[key], _KINDS[key], value, _subject(key, where))
    return replace(config, **{section: replace(part, **{name: checked})})


def _subject(key: str, where: str) -> str:
    """Return the subject of a message on a value: an option, a setting, or a setting and its file."""
    if where.startswith("--"):
        return where
    return key if where.startswith("-s ") else f"{key} in {where}"


def value_of(config: RunConfig, key: str) -> Any:
    """Return the value of the setting `section.name`."""
    section, _, name = key.partition(".")
    return getattr(getattr(config, section), name)


def parse_value(text: str) -> Any:
    """Parse a word as a TOML value, or as a decimal number such as `.5` or `2.`, which TOML lacks; otherwise return it unchanged."""
    if SHORT_DECIMAL.fullmatch(text):
        return float(text)
    try:
        return parse_toml(f"value = {text}")["value"]
    except ValueError:
        return text
