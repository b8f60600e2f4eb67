"""Checkpoints on a full disk, checkpoints from unknown sources, and damaged ones."""

from __future__ import annotations

import errno
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from jem_tui import atomic_file
from jem_tui.config.schema import RecordConfig
from jem_tui.errors import InputError, JemError
from jem_tui.events.run import At
from jem_tui.jem.checkpoint.checkpoint_writer import CheckpointWriter
from jem_tui.jem.checkpoint.disk_reserve import Reserve, size_of_checkpoint
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.save_checkpoint import save_checkpoint
from jem_tui.run_files import CHECKPOINT_FOLDER, sorted_checkpoints

CPU = torch.device("cpu")


def names(run_dir: Path) -> list[str]:
    return sorted(path.name for path in (run_dir / CHECKPOINT_FOLDER).iterdir())


class Harm:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self._path,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("write", [torch.save, lambda state, path: path.write_bytes(pickle.dumps(state))])
def test_a_checkpoint_runs_no_code(tmp_path: Path, write):
    (tmp_path / CHECKPOINT_FOLDER).mkdir()
    write({"step": 1, "learner": Harm(tmp_path / "harmed")}, tmp_path / CHECKPOINT_FOLDER / "step_000001.pt")
    with pytest.raises(InputError, match="damaged"):
        load_newest_checkpoint(tmp_path, CPU)[0]
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("size", [0, 1, 100, 400])
def test_a_checkpoint_that_was_cut_is_refused_in_a_sentence(tmp_path: Path, size: int):
    path = save_checkpoint(tmp_path, 1, {"x": torch.zeros(9)}, keep=2)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(InputError, match="damaged"):
        load_newest_checkpoint(tmp_path, CPU)[0]


def test_unfinished_files_of_a_killed_run_are_deleted(tmp_path: Path):
    save_checkpoint(tmp_path, 1, {"x": 1}, keep=2)
    (tmp_path / CHECKPOINT_FOLDER / ".step_000002.pt.tmp").write_bytes(b"half of")
    assert load_newest_checkpoint(tmp_path, CPU)[0] == {"x": 1}
    save_checkpoint(tmp_path, 3, {"x": 3}, keep=2)
    assert names(tmp_path) == ["step_000001.pt", "step_000003.pt"]


def test_the_newest_intact_checkpoint_is_loaded(tmp_path: Path):
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, step, {"x": step}, keep=3)
    assert load_newest_checkpoint(tmp_path, CPU) == ({"x": 3}, [])
    for step in (2, 3):
        (tmp_path / CHECKPOINT_FOLDER / f"step_{step:06d}.pt").write_bytes(b"")
    state, (warning,) = load_newest_checkpoint(tmp_path, CPU)
    assert state == {"x": 1}
    assert warning == "step_000003.pt and step_000002.pt cannot be read; step_000001.pt is used instead"
    (tmp_path / CHECKPOINT_FOLDER / "step_000001.pt").write_bytes(b"")
    with pytest.raises(InputError, match=r"All 3 checkpoints in .* are damaged"):
        load_newest_checkpoint(tmp_path, CPU)


@pytest.mark.parametrize(("failures", "left"), [(1, [2, 3]), (2, [2])])
def test_on_a_full_disk_an_older_checkpoint_makes_room_but_never_the_newest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failures: int, left: list[int]
):
    for step in (1, 2):
        save_checkpoint(tmp_path, step, {"x": step}, keep=2)
    rest = [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))] * failures
    write = atomic_file._write

    def full(*arguments) -> None:
        write(*arguments)
        if rest:
            raise rest.pop()

    monkeypatch.setattr(atomic_file, "_write", full)
    if failures == 1:
        save_checkpoint(tmp_path, 3, {"x": 3}, keep=2)
    else:
        with pytest.raises(JemError, match="No space left"):
            save_checkpoint(tmp_path, 3, {"x": 3}, keep=2)
    assert names(tmp_path) == [f"step_{step:06d}.pt" for step in left]
    assert load_newest_checkpoint(tmp_path, CPU)[0] == {"x": left[-1]}
    assert len(sorted_checkpoints(tmp_path)) == len(left)


def test_on_a_full_disk_the_newest_intact_checkpoint_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, step, {"x": step}, keep=3)
    (tmp_path / CHECKPOINT_FOLDER / "step_000003.pt").write_bytes(b"damaged")

    def full(*arguments) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic_file, "_write", full)
    with pytest.raises(JemError, match="No space left"):
        save_checkpoint(tmp_path, 4, {"x": 4}, keep=3)
    assert names(tmp_path) == ["step_000002.pt"]


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no room can be reserved")
def test_a_reserve_is_unnamed_and_released_for_a_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    reserve = Reserve(tmp_path)
    reserve.hold(size_of_checkpoint({"x": torch.zeros(1000), "y": [{"z": torch.zeros(9)}]}))
    assert list(tmp_path.iterdir()) == []
    write = atomic_file._write

    def full_but_for_the_reserve(*arguments) -> None:
        if reserve._file is not None:
            raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
        write(*arguments)

    monkeypatch.setattr(atomic_file, "_write", full_but_for_the_reserve)
    save_checkpoint(tmp_path, 2, {"x": 2}, keep=2, reserve=reserve)
    assert load_newest_checkpoint(tmp_path, CPU)[0] == {"x": 2} and not reserve.release()


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no room can be reserved")
@pytest.mark.parametrize("room", [2.1, 2.5, 3.5, 4.5, 9.0])
def test_every_checkpoint_is_saved_while_another_program_fills_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: float
):
    """The disk has room for `room` checkpoints, each a little larger than the one before."""
    state = {"x": torch.zeros(10**6)}
    free = room * size_of_checkpoint(state)
    fallocate, write, held, greed = os.posix_fallocate, atomic_file._write, {"bytes": 0}, {"bytes": 0.0}

    def left() -> float:
        reserved = held["bytes"] if saved._reserve._file is not None else 0
        return free - greed["bytes"] - reserved - sum(path.stat().st_size for path in sorted_checkpoints(tmp_path))

    def reserve(descriptor: int, offset: int, length: int) -> None:
        if length > left():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        held["bytes"] = length
        fallocate(descriptor, offset, length)

    def write_if_there_is_room(path: Path, parts: list[bytes]) -> None:
        parts = list(parts)
        if sum(map(len, parts)) > left():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, parts)

    monkeypatch.setattr(os, "posix_fallocate", reserve)
    monkeypatch.setattr(atomic_file, "_write", write_if_there_is_room)
    saved = CheckpointWriter(tmp_path, RecordConfig(keep_checkpoints=3), lambda: state, lambda: At(0, 0, 0.0))
    assert list(saved.reserve_once()) == []
    for step in range(1, 6):
        greed["bytes"] += max(0.0, left())
        state["x"] = torch.zeros(10**6 + 1000 * step)
        list(saved.save(step))
        assert sorted_checkpoints(tmp_path)[-1].name == f"step_{step:06d}.pt"


@given(
    before=st.lists(st.integers(0, 99), unique=True, max_size=5),
    after=st.lists(st.integers(101, 10**7), unique=True, max_size=4),
    keep=st.integers(1, 4),
)
def test_a_saved_checkpoint_is_the_newest_after_void_ones_existed(before: list[int], after: list[int], keep: int):
    with tempfile.TemporaryDirectory() as folder:
        run_dir = Path(folder)
        (run_dir / CHECKPOINT_FOLDER).mkdir()
        for number, step in enumerate([*before, *after]):
            path = run_dir / CHECKPOINT_FOLDER / f"step_{step:06d}.pt"
            path.mkdir() if number % 3 == 2 and step > 100 else path.write_bytes(b"damaged")
        save_checkpoint(run_dir, 100, {"x": 100}, keep=keep)
        files = [path.name for path in sorted_checkpoints(run_dir) if path.is_file()]
        assert files == [f"step_{step:06d}.pt" for step in [*sorted(before), 100][-keep:]]
        assert load_newest_checkpoint(run_dir, CPU)[0] == {"x": 100}


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "not enough memory"),
        (torch.OutOfMemoryError("CUDA out of memory."), "not enough memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"), "not enough memory"),
        (PermissionError(errno.EACCES, "Permission denied"), "cannot be read: Permission denied"),
    ],
)
def test_an_intact_checkpoint_that_cannot_be_loaded_is_not_replaced_by_an_older_one(
    tmp_path: Path, monkeypatch, error: Exception, sentence: str
):
    for step in (1, 2):
        save_checkpoint(tmp_path, step, {"step": step}, keep=2)

    def fail(*args, **kwargs):
        raise error

    with monkeypatch.context() as patch, pytest.raises(InputError, match=sentence) as refused:
        patch.setattr(torch, "load", fail)
        load_newest_checkpoint(tmp_path, CPU)
    assert "step_000002.pt" in str(refused.value) and "damaged" not in str(refused.value)
    assert load_newest_checkpoint(tmp_path, CPU) == ({"step": 2}, [])


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("[enforce fail] . unexpected pos 704 vs 598\nmore")])
def test_a_checkpoint_that_does_not_fit_into_memory_ends_no_run(tmp_path: Path, monkeypatch, error: Exception):
    saving = CheckpointWriter(tmp_path, RecordConfig(keep_checkpoints=2), lambda: {"x": 1}, lambda: At(2, 2, 0.0))
    (_, saved) = saving.try_to_save(1)

    def fail(*args, **kwargs):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", fail)
        (_, refused) = saving.try_to_save(2)
    assert (saved.kind, refused.kind) == ("checkpoint", "warning")
    assert (
        "Cannot create the checkpoint" in refused.text and "step_000002.pt" in refused.text and "\n" not in refused.text
    )
    assert names(tmp_path) == ["step_000001.pt"]
    (_, again) = saving.try_to_save(2)
    assert again.kind == "checkpoint" and names(tmp_path) == ["step_000001.pt", "step_000002.pt"]
