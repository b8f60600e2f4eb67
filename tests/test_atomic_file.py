"""Files that are replaced or overwritten as a whole."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from jem_tui import atomic_file
from jem_tui.atomic_file import clear_unfinished, overwrite_file, replace_file


def names(folder: Path) -> list[str]:
    """Return the sorted names in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_over_the_leftover_of_a_killed_process(tmp_path: Path):
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    (tmp_path / ".run.json.tmp").write_bytes(b"half of something much longer than what is to come")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new" and names(tmp_path) == ["run.json"]


@pytest.mark.parametrize("step", ["_write", "_sync"])
def test_a_failure_leaves_one_complete_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str):
    def full(path: Path, *_: object) -> None:
        if path.is_file() or not path.exists():
            path.write_bytes(b"ne")
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(atomic_file, step, full)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == (b"old" if step == "_write" else b"new")
    assert names(tmp_path) == ["run.json"]


def test_a_missing_folder_is_an_oserror(tmp_path: Path):
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "gone" / "run.json", b"new")


def test_only_unfinished_files_of_a_pattern_are_deleted(tmp_path: Path):
    for name in (".step_1.pt.tmp", ".other.tmp", "step_1.pt", "step_2.tmp"):
        (tmp_path / name).touch()
    clear_unfinished(tmp_path, "step_*.pt")
    assert names(tmp_path) == [".other.tmp", "step_1.pt", "step_2.tmp"]


@pytest.mark.parametrize("content", [b"shorter", b"much longer than before" * 999])
def test_a_file_is_overwritten_in_place(tmp_path: Path, content: bytes):
    path = tmp_path / "run.json"
    path.write_bytes(b"what was there")
    node = path.stat().st_ino
    overwrite_file(path, content)
    assert path.read_bytes() == content and path.stat().st_ino == node and names(tmp_path) == ["run.json"]
