"""The preferences file: TOML that both the user and the program edit."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from textual.message import Message

from jem_tui.config.toml_text import MOST_BYTES, read_toml
from jem_tui.errors import InputError
from jem_tui.printable import printable
from jem_tui.regular_file import read_regular
from jem_tui.tui.preferences.preference_faults import applied_settings, preference_faults
from jem_tui.user_folders import config_folder

FOLDER_VARIABLE = "JEM_TUI_CONFIG_DIR"
FILE = "screen.toml"
NOTHING: Mapping[str, object] = MappingProxyType({})


class SavePreferences(Message):
    """Request of a widget to the app: save `settings` as the section `section`."""

    def __init__(self, section: str, settings: Mapping[str, object]) -> None:
        super().__init__()
        self.section = section
        self.settings = settings


def preferences_file() -> Path | None:
    """Return the preferences file in the configuration directory or in `JEM_TUI_CONFIG_DIR`; None without either."""
    named = os.environ.get(FOLDER_VARIABLE)
    folder = Path(named) if named else config_folder()
    return folder / FILE if folder else None


class Preferences:
    """Sections of settings by name. Each change is written at once; comments and other entries of the file are preserved."""

    def __init__(self, path: Path | None = None, sections: Mapping[str, object] = NOTHING, note: str = "") -> None:
        """Create preferences. Without a `path` no change is saved; `note` is a sentence about a file that could not be read."""
        self.note = note
        self.faults: tuple[str, ...] = ()
        """One sentence for each section and setting that is not applied, with the path of the file."""
        self._path = path
        self._sections = {name: dict(part) for name, part in sections.items() if isinstance(part, Mapping)}

    @classmethod
    def load(cls, path: Path | None) -> Preferences:
        """Read a file. An unreadable file gives empty preferences with a note, and is never written to."""
        if path is None:
            return cls(
                None, note=f"Preferences are not saved: there is no home folder. Set {FOLDER_VARIABLE} to a folder."
            )
        try:
            content = read_toml(path)
        except FileNotFoundError:
            return cls(path)
        except ValueError as error:
            return cls(None, note=f"Preferences are not saved: {path} is not valid TOML ({error}).")
        except OSError as error:
            return cls(None, note=f"Preferences are not saved: {path} cannot be read ({error.strerror}).")
        found = cls(path, applied_settings(content))
        found.faults = tuple(map(found.located, preference_faults(content)))
        return found

    def located(self, fault: str) -> str:
        """Return a sentence on a part of the file with the path of the file."""
        return f"{printable(str(self._path))}: {fault}"

    def section(self, name: str) -> Mapping[str, object]:
        """Return the settings of section `[name]`; empty if there is none."""
        return self._sections.get(name, NOTHING)

    def keep(self, name: str, settings: Mapping[str, object]) -> None:
        """Replace section `name`. Raises InputError if the file cannot be written, and writes nothing after that."""
        if self.section(name) == settings:
            return
        self._sections[name] = dict(settings)
        if self._path is None:
            return
        try:
            _write(self._path, name, settings)
        except Exception as error:
            # content of the user's file must not fail the screen
            path, self._path = self._path, None
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            raise InputError(f"{path} cannot be written: {reason}.", "Preferences are not saved.") from error


def _write(path: Path, name: str, settings: Mapping[str, object]) -> None:
    """Write the section into the current file, which another window may have changed."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(read_regular(path, MOST_BYTES)) if path.exists() else tomlkit.document()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise OSError(0, f"it is no longer valid TOML ({error})") from error
    table = document.get(name)
    if not isinstance(table, dict):
        table = document[name] = tomlkit.table()
    for gone in [key for key in table if key not in settings]:
        del table[gone]
    table.update(settings)
    _replace(path, tomlkit.dumps(document))


def _replace(path: Path, text: str) -> None:
    """Replace the content of a file atomically."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False
    ) as file:
        unfinished = Path(file.name)
        try:
            file.write(text)
            file.flush()
            unfinished.replace(target)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
