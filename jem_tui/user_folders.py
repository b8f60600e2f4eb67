"""Folders of the user: a container may run a program for somebody who has none."""

from __future__ import annotations

from pathlib import Path

NAME = "jem-tui"


def config_folder() -> Path | None:
    """Return where preferences are kept; None for a user without a home folder."""
    # 10 ms that most commands do without
    from platformdirs import user_config_path

    try:
        return user_config_path(NAME)
    except (RuntimeError, KeyError):
        return None


def cache_folder() -> Path | None:
    """Return where downloads and what can be computed anew are kept; None for a user without a home folder."""
    from platformdirs import user_cache_path

    try:
        return user_cache_path(NAME)
    except (RuntimeError, KeyError):
        return None


def accept_cache_elsewhere() -> None:
    """Have matplotlib not report, at its import, that its cache lies in a temporary folder for lack of a home."""
    import logging

    logging.getLogger("matplotlib").setLevel(logging.ERROR)


def expanded(path: str | Path) -> Path:
    """Return the path with a leading `~` replaced; as it is where nobody of that name has a home folder."""
    try:
        return Path(path).expanduser()
    except (RuntimeError, KeyError):
        return Path(path)
