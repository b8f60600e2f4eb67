"""Recorded images as files: each image, and an animation for each tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL.Image import Image as Frame

from jem_tui.events.recording import Picture
from jem_tui.events.run import X_HAT, Samples
from jem_tui.stream.export.image_sheets import animate, frame_of, save_png
from jem_tui.stream.foreign.foreign_media import encoded_pictures
from jem_tui.stream.log_data.entries import DeferredEvent, Entry
from jem_tui.stream.tfevents.png_grid import inspect_picture

MOST_FRAMES = 120
"""Maximum number of frames of an animation; from more images, evenly spaced ones are taken."""
LONGEST_NAME = 80
"""Maximum number of characters of a tag in the name of a folder."""


@dataclass(slots=True)
class PictureFiles:
    """The written files, and the images that could not be read or drawn."""

    pictures: list[Path] = field(default_factory=list)
    animations: list[Path] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    """Sentences on images that cannot be read or drawn."""

    def flawed(self, entry: DeferredEvent, why: str) -> None:
        """Record why an image cannot be read or drawn."""
        step = entry.images if entry.kind is Picture else entry.step
        self.flaws.append(f"{entry.tag or X_HAT} at step {step}: {why}")


def write_pictures(folder: Path, entries: Iterable[Entry]) -> PictureFiles:
    """Write every image of a recording to `samples`, in a folder for each tag if there are several. Raises OSError.

    Chains become sheets. Images of other programs are copied as logged.
    """
    written = PictureFiles()
    by_tag: dict[str, list[DeferredEvent]] = {}
    for entry in entries:
        if isinstance(entry, DeferredEvent) and issubclass(entry.kind, Samples):
            by_tag.setdefault(entry.tag, []).append(entry)
    names = _folder_names(by_tag) if len(by_tag) > 1 else dict.fromkeys(by_tag, "")
    for tag, found in by_tag.items():
        sheets = folder / "samples" / names[tag]
        sheets.mkdir(parents=True, exist_ok=True)
        _write_tag(sheets, folder / (f"samples/{names[tag]}.gif" if names[tag] else "samples.gif"), found, written)
    return written


def _write_tag(sheets: Path, animation: Path, found: Sequence[DeferredEvent], written: PictureFiles) -> None:
    """Write the images of one tag; only the scaled-down frames of the animation stay in memory."""
    chosen = np.linspace(0, len(found) - 1, min(len(found), MOST_FRAMES)).round().astype(int)
    animated = set(chosen.tolist())
    frames: list[Frame] = []
    used: set[str] = set()
    for number, entry in enumerate(found):
        step = entry.images if entry.kind is Picture else entry.step
        target = _unused(sheets / f"step_{step:07d}", used)
        write = _copy if entry.kind is Picture else _write_sheet
        frames.extend(write(target, entry, written, wanted=number in animated))
    if frames:
        animate(animation, frames)
        written.animations.append(animation)


def _write_sheet(target: Path, entry: DeferredEvent, written: PictureFiles, *, wanted: bool) -> Iterator[Frame]:
    """Write chains as a sheet, and yield the sheet as a frame if `wanted`."""
    event = entry.load()
    if not isinstance(event, Samples):
        written.flawed(entry, "it cannot be decoded")
    elif event.tiles.size:
        path = target.with_name(f"{target.name}.png")
        save_png(path, event.tiles)
        written.pictures.append(path)
        if wanted:
            yield frame_of(event.tiles)


def _copy(target: Path, entry: DeferredEvent, written: PictureFiles, *, wanted: bool) -> Iterator[Frame]:
    """Copy the image of a foreign log byte for byte, and yield it as a frame if `wanted` and drawable."""
    for number, encoded in enumerate(encoded_pictures(entry.tag, entry.span), 1):
        try:
            ending, flaw = inspect_picture(encoded)
        except ValueError:
            written.flawed(entry, "it cannot be decoded")
            continue
        if flaw:
            written.flawed(entry, f"{flaw}; it is copied unchanged")
        path = target.with_name(f"{target.name}{f'_{number}' if number > 1 else ''}.{ending}")
        path.write_bytes(encoded)
        written.pictures.append(path)
    event = entry.load() if wanted else None
    if isinstance(event, Picture) and event.tiles.size:
        yield frame_of(event.tiles)


def _folder_names(tags: Iterable[str]) -> dict[str, str]:
    """Return a portable folder name for each tag, unique also where case does not count."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for tag in tags:
        spelled = re.sub(r"[^A-Za-z0-9.=-]+", "_", tag)[:LONGEST_NAME].strip("._") or "picture"
        names[tag] = _unused(Path(spelled), used).name
    return names


def _unused(path: Path, used: set[str]) -> Path:
    """Return the path, with a number after its name where the name is taken."""
    name, number = path.name, 1
    while name.casefold() in used:
        number += 1
        name = f"{path.name}_{number}"
    used.add(name.casefold())
    return path.with_name(name)
