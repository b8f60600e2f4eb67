"""The image files below a folder, without files that operating systems and other programs create."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jem_tui.errors import InputError

SUFFIXES = (
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".jp2", ".gif", ".webp", ".avif", ".bmp", ".dib"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".tga", ".pcx"),
)
LEFTOVERS = {
    *("__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r", "__pycache__"),
    *("@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found"),
}
"""Names in lower case of files from operating systems and other programs; names that begin with a dot are hidden, too."""
HIDDEN = "hidden or system files"


def sub_folders(folder: Path) -> list[Path]:
    """List the folders in a folder, sorted, with links to folders. Raises InputError if the folder cannot be read."""
    return sorted(entry for entry in entries(folder) if entry.is_dir() and not is_leftover(entry.name))


def has_images(folder: Path) -> bool:
    """Return whether the folder itself contains images."""
    return any(is_image(entry.name) and entry.is_file() for entry in entries(folder))


def entries(folder: Path) -> list[Path]:
    """List the entries of a folder. Raises InputError if the folder cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read: {error.strerror}.", "Check its permissions.") from None


def images_below(folder: Path, skipped: Counter[str], most: int = 0) -> list[Path]:
    """List the image files at any depth, sorted, at most `most` unless that is 0; `skipped` counts other files by reason."""
    found: list[Path] = []
    for path in files_below(folder, skipped):
        reason = why_no_image(path)
        if reason:
            skipped[reason] += 1
        else:
            found.append(path)
            if len(found) == most:
                break
    return sorted(found)


def files_below(folder: Path, skipped: Counter[str]) -> Iterator[Path]:
    """Yield every entry that is not a folder, at any depth and through links, but none twice and none above the first folder."""
    seen: set[tuple[int, int]] = set()
    waiting, top = [folder], folder.resolve()
    while waiting:
        folder = waiting.pop()
        identity = (folder.stat().st_dev, folder.stat().st_ino)
        if identity in seen:
            continue
        seen.add(identity)
        for entry in entries(folder):
            if not entry.is_dir():
                yield entry
            elif is_leftover(entry.name):
                skipped[HIDDEN] += 1
            elif entry.is_symlink() and top.is_relative_to(entry.resolve()):
                skipped["links to a parent folder"] += 1
            else:
                waiting.append(entry)


def why_no_image(path: Path) -> str:
    """Return the reason to leave a file out; empty for an image."""
    if is_leftover(path.name):
        return HIDDEN
    if not path.exists():
        return "broken links"
    if not path.is_file():
        return "pipes, sockets and devices"
    return "" if is_image(path.name) else f"{readable_name(path.suffix.lower()) or 'unnamed'} files"


def is_image(name: str) -> bool:
    """Return whether a file has the name of an image."""
    return not is_leftover(name) and name.lower().endswith(endings())


def is_leftover(name: str) -> bool:
    """Return whether a name is hidden, or given by an operating system."""
    return name.startswith(".") or name.lower() in LEFTOVERS


@cache
def endings() -> tuple[str, ...]:
    """List the endings of the formats that the installed Pillow reads."""
    from PIL import Image

    known = Image.registered_extensions()
    return tuple(suffix for suffix in SUFFIXES if known.get(suffix) in Image.OPEN)


def readable_name(name: str) -> str:
    """Return a file's name as printable text, with undecodable bytes escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
