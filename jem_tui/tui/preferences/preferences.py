"""What is remembered from one start to the next: a TOML file that belongs to the user, and that the program writes into."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from textual.message import Message

from jem_tui.config.toml_text import MOST_BYTES, read_toml
from jem_tui.errors import InputError
from jem_tui.regular_file import read_regular
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
    """Return where preferences are kept: the user's configuration directory, or what `JEM_TUI_CONFIG_DIR` names; None if nowhere."""
    named = os.environ.get(FOLDER_VARIABLE)
    folder = Path(named) if named else config_folder()
    return folder / FILE if folder else None


class Preferences:
    """Sections of settings by name. What is kept is written at once, and only that: comments and other entries stay."""

    def __init__(self, path: Path | None = None, sections: Mapping[str, object] = NOTHING, note: str = "") -> None:
        """Without a `path` nothing outlives the process. `note` says in a sentence what could not be read."""
        self.note = note
        self._path = path
        self._sections = {name: dict(part) for name, part in sections.items() if isinstance(part, Mapping)}

    @classmethod
    def load(cls, path: Path | None) -> Preferences:
        """What the file holds; nothing, and a note, if it cannot be read. A broken file is never written to."""
        if path is None:
            return cls(
                None, note=f"There is no home folder: nothing is remembered. {FOLDER_VARIABLE} can name a folder."
            )
        try:
            return cls(path, read_toml(path))
        except FileNotFoundError:
            return cls(path)
        except ValueError as error:
            return cls(None, note=f"{path} is no valid TOML ({error}); it is left alone, and nothing is remembered.")
        except OSError as error:
            return cls(None, note=f"{path} cannot be read ({error.strerror}); nothing is remembered.")

    def section(self, name: str) -> Mapping[str, object]:
        """The settings below `[name]`."""
        return self._sections.get(name, NOTHING)

    def keep(self, name: str, settings: Mapping[str, object]) -> None:
        """Replace section `name`; InputError if the file cannot be written, and nothing is written any more."""
        if self.section(name) == settings:
            return
        self._sections[name] = dict(settings)
        if self._path is None:
            return
        try:
            _write(self._path, name, settings)
        except Exception as error:
            # a screen must not fail for anything in the user's own file
            path, self._path = self._path, None
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            raise InputError(f"{path} cannot be written: {reason}.", "Nothing is remembered.") from error


def _write(path: Path, name: str, settings: Mapping[str, object]) -> None:
    """Put the section into the file as it is now; another window may have written to it."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(read_regular(path, MOST_BYTES)) if path.exists() else tomlkit.document()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise OSError(0, f"it is no valid TOML any more ({error})") from error
    table = document.get(name)
    if not isinstance(table, dict):
        table = document[name] = tomlkit.table()
    for gone in [key for key in table if key not in settings]:
        del table[gone]
    table.update(settings)
    _replace(path, tomlkit.dumps(document))


def _replace(path: Path, text: str) -> None:
    """All of the new text or all of the old one, whatever happens in between."""
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
