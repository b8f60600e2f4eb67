"""A working directory with modules and installed packages of a user, which tests fill."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def working_directory(folder: Path) -> Iterator[None]:
    """Change to `folder`, and forget afterwards what was imported from it."""
    known, path = set(sys.modules), list(sys.path)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "dont_write_bytecode", True)
        yield
    sys.path[:] = path
    for name in set(sys.modules) - known:
        if str(folder) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


def install(folder: Path, package: str, group: str, **names: str) -> None:
    """Write the metadata of an installed package with entry points of a group."""
    metadata = folder / f"{package}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in names.items())
    (metadata / "entry_points.txt").write_text(f"[{group}]\n{lines}")
