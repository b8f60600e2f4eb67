"""run.json and settings under the fuzzer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from jem_tui.cli.run_inputs import opened_settings
from jem_tui.config.load import SECTIONS, as_mapping, from_mapping, make_config
from jem_tui.config.presets import PRESETS
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.run_files import RUN_FILE
from jem_tui.stream.runs.catalog import find_runs
from jem_tui.stream.runs.resumed_settings import resumed_settings
from jem_tui.stream.runs.run_dir import mark_ended, read_run_file, write_run_file
from jem_tui.tui.charts.chart_settings import ChartSettings
from jem_tui.tui.keys import KEYS
from jem_tui.tui.keys.remap import remap_keys
from jem_tui.tui.preferences.pane_layout import PaneLayout
from jem_tui.tui.preferences.preferences import Preferences
from tests.stream.runs.unfinished_run import RUN

LONGEST_SENTENCE = 1500


def outcome(error: InputError) -> str:
    """Return the kind of a refusal, without names and numbers."""
    assert 0 < len(str(error)) < LONGEST_SENTENCE
    return "".join(sign for sign in str(error) if sign.isalpha() or sign == " ")[-60:]


class RunFiles:
    """run.json read by every command that does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "run"
        self._folder.mkdir()
        write_run_file(self._folder, replace(RUN, config=as_mapping(RunConfig())))
        self._whole = json.loads((self._folder / RUN_FILE).read_bytes())
        self._fields = [*self._whole, *(f"config.{name}" for name in self._whole["config"])]

    def seeds(self) -> list[bytes]:
        """Return the whole file, and every field with its value."""
        values = [json.dumps(self._value(field)).encode() for field in self._fields]
        fields = [bytes([1, number]) + value for number, value in enumerate(values)]
        return [b"\0" + json.dumps(self._whole).encode(), *fields]

    def read(self, data: bytes) -> str:
        """List, open, resume and mark the run."""
        if not data:
            return ""
        (self._folder / RUN_FILE).write_bytes(data[1:] if data[0] % 2 == 0 else self._with_field(data[1:]))
        (found,), _ = find_runs(self._folder)
        assert (found.state == "damaged") == bool(found.reason)
        mark_ended(self._folder, "stopped")
        try:
            read_run_file(self._folder)
            opened_settings(self._folder)
            resumed_settings(self._folder, [], ["train.epochs=3"])
        except InputError as error:
            return outcome(error)
        return "read"

    def _value(self, field: str) -> object:
        name, _, section = field.partition(".")
        return self._whole[name][section] if section else self._whole[name]

    def _with_field(self, data: bytes) -> bytes:
        """Return the file with another value for the field that the first byte chooses."""
        name, _, section = self._fields[data[0] % len(self._fields)].partition(".") if data else ("step", "", "")
        marker = "@@"
        value = {**self._whole[name], section: marker} if section else marker
        return json.dumps({**self._whole, name: value}).encode().replace(b'"@@"', data[1:])


class Settings:
    """Settings from a file, from words and from a run folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "run.toml"

    def seeds(self) -> list[bytes]:
        """Return every preset as a file, as words and as JSON."""
        configs = [make() for make in PRESETS.values()]
        words = [
            "\n".join(
                f"{section}.{name}={json.dumps(value)}"
                for section in list(SECTIONS)[number::3]
                for name, value in as_mapping(config)[section].items()
            )
            for number in range(3)
            for config in configs
        ]
        from jem_tui.cli.config import toml_lines

        keys = "\n".join(f'{key.id} = "f5,ctrl+{key.id[0]}, {key.id[-1]}"' for key in KEYS)
        screen = f"[keys]\n{keys}\n[curves]\nsmoothing = 0.9\nscale = 'log'\n[layout]\nshare = 0.5\ncurves = true"
        files = [screen, *("\n".join(toml_lines(config)) for config in configs)]
        mappings = [json.dumps(as_mapping(config)) for config in configs]
        return [bytes([way]) + text.encode() for way, texts in enumerate((files, words, mappings)) for text in texts]

    def read(self, data: bytes) -> str:
        """Make settings, and check that they survive a run folder."""
        if not data:
            return ""
        try:
            config = self._made(data[0] % 3, data[1:])
        except InputError as error:
            return outcome(error)
        assert config is None or from_mapping(as_mapping(config), "run.json") == config
        return "made"

    def _made(self, way: int, data: bytes) -> RunConfig | None:
        if way == 0:
            self._path.write_bytes(data)
            preferences = Preferences.load(self._path)
            remap_keys(KEYS, preferences.section("keys"))
            ChartSettings.read(preferences.section("curves"))
            PaneLayout.read(preferences.section("layout"))
            return make_config("", self._path)
        if way == 1:
            return make_config("", None, data.decode("utf-8", "surrogateescape").split("\n"))
        try:
            table = json.loads(data)
        except (ValueError, RecursionError):
            return None
        return from_mapping(table, "run.json") if isinstance(table, dict) else None
