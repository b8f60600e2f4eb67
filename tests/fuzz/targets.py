"""Parsers of untrusted input. Each fuzz target opens to a function of bytes and its seeds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

Target = Callable[[], tuple[Callable[[bytes], object], list[bytes]]]


def scratch() -> Path:
    """Return a new folder, in memory where the system has such a place."""
    return Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))  # noqa: PTH112


def reader() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz event files, as bytes, as framed payloads, as values of another program, and as events of this one."""
    from tests.fuzz.event_files import EventFiles

    target = EventFiles(scratch())
    return target.read, target.seeds()


def index() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz the index of a recording, as bytes and as words with a checksum that agrees."""
    from tests.fuzz.indices import Indices

    target = Indices(scratch())
    return target.read, target.seeds()


def run_file() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz run.json, as bytes and as one value of a field."""
    from tests.fuzz.text_files import RunFiles

    target = RunFiles(scratch())
    return target.read, target.seeds()


def config() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz settings, as a TOML file, as words of the command line and as a run folder keeps them."""
    from tests.fuzz.text_files import Settings

    target = Settings(scratch())
    return target.read, target.seeds()


def checkpoint() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz checkpoints, as bytes and as the pickle inside."""
    from tests.fuzz.models import Checkpoints

    target = Checkpoints(scratch())
    return target.read, target.seeds()


def checkpoint_folder() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz checkpoints of two ranks, as bytes and as files with digests that agree."""
    from tests.fuzz.checkpoint_folders import CheckpointFolders

    target = CheckpointFolders(scratch())
    return target.read, target.seeds()


def model() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Fuzz published models, as bytes and as the description of an array."""
    from tests.fuzz.models import Models

    target = Models(scratch())
    return target.read, target.seeds()


TARGETS: dict[str, Target] = {
    "reader": reader,
    "index": index,
    "run-file": run_file,
    "config": config,
    "checkpoint": checkpoint,
    "checkpoint-folder": checkpoint_folder,
    "model": model,
}
