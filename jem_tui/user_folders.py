"""Folders of the user, each of which can be missing: a container may run as a user without a home folder."""

from __future__ import annotations

from pathlib import Path

NAME = "jem-tui"


def config_folder() -> Path | None:
    """Return the folder for preferences; None for a user without a home folder."""
    # This import takes 10 ms, which most commands do not need to spend.
    from platformdirs import user_config_path

    try:
        return user_config_path(NAME)
    except (RuntimeError, KeyError):
        return None


def cache_folder() -> Path | None:
    """Return the folder for downloads and caches; None for a user without a home folder."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path(NAME)
    except (RuntimeError, KeyError):
        return None


def silence_matplotlib_cache_warning() -> None:
    """Suppress matplotlib's warning at import that its cache is in a temporary folder for lack of a home folder."""
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def expanded(path: str | Path) -> Path:
    """Return the path with a leading `~` expanded, or unchanged if the user has no home folder."""
    try:
        return Path(path).expanduser()
    except (RuntimeError, KeyError):
        return Path(path)
