"""A run folder with its newest checkpoint, in parts of a limited size that are carried between machines and put together again."""

from __future__ import annotations

import tarfile
from pathlib import Path

from jem_tui.run_files import CHECKPOINT_FOLDER, sorted_checkpoints

PART = 16_000_000
"""Bytes of one part."""
NAME = "run.tar.gz"


def pack(run_dir: Path, out: Path) -> list[Path]:
    """Write the run with its newest checkpoint as `run.tar.gz.00`, `run.tar.gz.01`, … into `out`.

    A run with `record.half_precision` has small checkpoints.
    """
    carried = [each for each in run_dir.iterdir() if each.name != CHECKPOINT_FOLDER]
    whole = out / NAME
    with tarfile.open(whole, "w:gz", compresslevel=1) as archive:
        for path in [*carried, *sorted_checkpoints(run_dir)[-1:]]:
            archive.add(path, arcname=Path("run") / path.relative_to(run_dir))
    return split(whole)


def unpack(out: Path, into: Path) -> Path:
    """Return the run folder that `pack` has put into `out`, now inside `into`."""
    whole = into / NAME
    with whole.open("wb") as target:
        for part in sorted(out.glob(f"{NAME}.*")):
            target.write(part.read_bytes())
    with tarfile.open(whole) as archive:
        archive.extractall(into, filter="data")
    whole.unlink()
    return into / "run"


def split(path: Path) -> list[Path]:
    """Cut the file into parts, which take its place."""
    content = path.read_bytes()
    path.unlink()
    parts = []
    for number, start in enumerate(range(0, len(content), PART)):
        parts.append(path.with_name(f"{path.name}.{number:02d}"))
        parts[-1].write_bytes(content[start : start + PART])
    return parts
