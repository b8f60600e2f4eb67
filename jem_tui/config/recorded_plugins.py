"""Plug-ins in recorded settings, and their repetition, without which code that a run folder names is not imported."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jem_tui.config.load import FORMER, PLUGINS, built_in, from_mapping, value_of, with_word
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.message_text import shortened
from jem_tui.plugins.kinds import PluginKind
from jem_tui.plugins.resolve import names_code
from jem_tui.plugins.trust import PluginUse, refuse_others, refuse_unrepeated

_ENTRY = re.compile(r"\w[\w.-]{0,99}")


def plugins_in(words: Iterable[str]) -> Iterator[PluginUse]:
    """Yield the plug-ins that `section.key=value` words name."""
    for word in words:
        key, _, text = word.partition("=")
        if key.strip() in PLUGINS:
            yield from uses(key.strip(), text.strip().strip("\"'"))


def recorded_settings(table: Mapping[str, Any], where: str) -> RunConfig:
    """Return the settings that a run folder records, with the names of plug-ins that are not installed here.

    A setting that is newer than the run has the value with which the run was trained, which need not be today's default.
    Raises InputError as `from_mapping` does; a plug-in that is absent raises it once it is resolved.
    """
    names = {key: name for key in PLUGINS if are_plugin_names(key, name := recorded_value(table, key))}
    without = with_former_values(table)
    for section, field in (key.split(".") for key in names):
        without[section] = {name: value for name, value in without[section].items() if name != field}
    config = from_mapping(without, where)
    for section, field in (key.split(".") for key in names):
        part = replace(getattr(config, section), **{field: names[f"{section}.{field}"]})
        config = replace(config, **{section: part})
    return config


def with_former_values(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return recorded settings, nested mappings, with the values that they imply for settings which did not exist yet."""
    filled: dict[str, Any] = dict(table)
    for key, value in FORMER.items():
        section, _, name = key.partition(".")
        part = filled.get(section, {})
        if isinstance(part, Mapping):
            filled[section] = {name: value, **part}
    return filled


def recorded_value(table: Mapping[str, Any], key: str) -> Any:
    """Return the value of the setting `section.name` in nested mappings, None where it is absent."""
    section, _, field = key.partition(".")
    part = table.get(section)
    return part.get(field) if isinstance(part, Mapping) else None


def are_plugin_names(key: str, value: Any) -> bool:
    """Return whether the value of a setting has the form of names of plug-ins, and is not the name of something built in."""
    known = built_in(key)
    if known is None or value in known or not isinstance(value, str):
        return False
    names = PLUGINS[key].names(value)
    return bool(names) and all(_ENTRY.fullmatch(name) or names_code(name) for name in names)


def recorded_plugins(config: RunConfig) -> list[PluginUse]:
    """Return the names in all settings that can name a plug-in."""
    return [use for key in PLUGINS for use in uses(key, value_of(config, key))]


def uses(key: str, text: str) -> list[PluginUse]:
    """Return the plug-ins that the value of a setting names; a name of something built in counts as well."""
    return [PluginUse(PLUGINS[key], name) for name in PLUGINS[key].names(text)]


def has_plugins(config: RunConfig) -> bool:
    """Return whether a setting names a plug-in rather than something built in or a folder."""
    named = [(built_in(key), use.name) for key in PLUGINS for use in uses(key, value_of(config, key))]
    return any(names_code(name) or (known is not None and name not in known) for known, name in named)


def refuse_unrepeated_code(
    run_dir: Path,
    config: RunConfig,
    repeated: Sequence[PluginUse],
    unused: Collection[PluginKind] = (),
    *,
    train: bool = False,
) -> None:
    """Raise InputError if a recorded run uses code that is not among `repeated`, apart from kinds that stay `unused`.

    The message has the options of `train`, or those of all commands.
    """
    used = [use for use in recorded_plugins(config) if use.kind not in unused]
    refuse_unrepeated(used, repeated, run_dir, train=train)


def refuse_other_code(configs: Iterable[RunConfig], repeated: Iterable[PluginUse]) -> None:
    """Raise InputError if a repeated plug-in is used by none of the runs."""
    refuse_others([use for config in configs for use in recorded_plugins(config)], repeated)


def with_changed_arguments(config: RunConfig, words: Iterable[str]) -> RunConfig:
    """Return a recorded run's settings with other arguments of its own data; words that name plug-ins change nothing.

    Raises InputError for a word that changes another setting.
    """
    for word in words:
        key = word.partition("=")[0].strip()
        if key.startswith("data.args"):
            config = with_word(config, word)
        elif key not in PLUGINS:
            raise InputError(
                f"-s {shortened(word)} does not apply to a recorded run.",
                "Only data.args.NAME, and settings that name code of the run, can be given.",
            )
    return config
