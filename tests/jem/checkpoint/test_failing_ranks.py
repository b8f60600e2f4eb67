"""Checkpoints of several ranks on full disks and without permission: a failure on one rank is the same failure on all."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from jem_tui import atomic_file
from jem_tui.errors import InputError, JemError
from jem_tui.jem.checkpoint import load_checkpoint, sharded_checkpoint
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.manifest import MANIFEST
from jem_tui.jem.checkpoint.save_checkpoint import make_room
from jem_tui.jem.checkpoint.shard import shard_name
from tests.jem.checkpoint.sharded import CPU, folder, names, saved_by, state_of, writer
from tests.ranks.threads import on_threads


def failing_on(monkeypatch: pytest.MonkeyPatch, part: str, error: OSError, times: int) -> None:
    """Let the next writes of the file fail whose name contains `part`."""
    rest = [error] * times
    write = atomic_file._write

    def fail(path: Path, parts: Any) -> None:
        if part in path.name and rest:
            raise rest.pop()
        write(path, parts)

    monkeypatch.setattr(atomic_file, "_write", fail)


@pytest.mark.parametrize("part", [shard_name(0), shard_name(1), MANIFEST])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_save_that_fails_on_one_rank_is_the_same_warning_on_all(tmp_path: Path, monkeypatch, part: str, number: int):
    saved_by(tmp_path, 2, step=1)
    failing_on(monkeypatch, part, OSError(number, os.strerror(number)), times=2)
    first, second = saved_by(tmp_path, 2, step=2)
    rank = 1 if part == shard_name(1) else 0
    assert first == second and first.kind == "warning"
    assert f"step_000002 of 2 ranks: {os.strerror(number)} on rank {rank}. Free some space" in first.text
    assert names(tmp_path) == ["step_000001"]
    monkeypatch.undo()
    assert saved_by(tmp_path, 2, step=3)[0].kind == "checkpoint"
    assert names(tmp_path) == ["step_000001", "step_000003"]


def test_a_save_that_fails_at_the_end_raises_on_all_ranks(tmp_path: Path, monkeypatch):
    failing_on(monkeypatch, shard_name(1), OSError(errno.EACCES, "Permission denied"), times=1)

    def last(ranks: Any) -> str:
        with pytest.raises(JemError) as failed:
            list(writer(tmp_path, ranks).save(1))
        return str(failed.value)

    first, second = on_threads(2, last)
    assert first == second and "Permission denied on rank 1" in first


def test_a_file_that_rank_0_does_not_find_is_a_warning_on_all_ranks(tmp_path: Path, monkeypatch):
    """The disk may be one that the ranks do not share, or the mount of a machine may be lost during the run."""
    (tmp_path / "other").mkdir()
    replace = sharded_checkpoint.replace_file

    def elsewhere(path: Path, content: bytes) -> None:
        replace(tmp_path / "other" / path.name if path.name == shard_name(1) else path, content)

    monkeypatch.setattr(sharded_checkpoint, "replace_file", elsewhere)
    first, second = saved_by(tmp_path, 2)
    assert first == second and first.kind == "warning"
    assert "the file of rank 1 is missing" in first.text
    assert names(tmp_path) == []


def test_a_state_that_cannot_be_packed_on_one_rank_is_a_warning_on_all(tmp_path: Path):
    def broken(ranks: Any) -> Any:
        def state() -> dict[str, Any]:
            if ranks.rank == 1:
                raise MemoryError
            return state_of(ranks.rank, 2)

        each = writer(tmp_path, ranks)
        each._state = state
        return list(each.try_to_save(1))[-1]

    first, second = on_threads(2, broken)
    assert first == second and first.kind == "warning" and "MemoryError on rank 1" in first.text


@pytest.mark.parametrize("part", [shard_name(0), shard_name(1), MANIFEST])
def test_on_a_full_disk_an_older_checkpoint_makes_room_for_all_ranks(tmp_path: Path, monkeypatch, part: str):
    for step in (1, 2):
        saved_by(tmp_path, 2, step)
    failing_on(monkeypatch, part, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), times=1)
    assert {note.kind for note in saved_by(tmp_path, 2, step=3)} == {"checkpoint"}
    assert names(tmp_path) == ["step_000002", "step_000003"]


def test_the_newest_intact_folder_makes_no_room(tmp_path: Path):
    for step in (1, 2, 3):
        saved_by(tmp_path, 2, step, keep=9)
    (folder(tmp_path, 3) / shard_name(1)).write_bytes(b"damaged")
    assert make_room(tmp_path) and make_room(tmp_path) and names(tmp_path) == ["step_000002"]
    assert not make_room(tmp_path)


@pytest.mark.skipif(not hasattr(os, "posix_fallocate"), reason="no room can be reserved")
def test_rank_0_reserves_the_space_of_all_ranks_and_all_warn_where_it_is_missing(tmp_path: Path, monkeypatch):
    asked: list[int] = []

    def full(descriptor: int, offset: int, length: int) -> None:
        asked.append(length)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    first, second = on_threads(2, lambda ranks: list(writer(tmp_path, ranks).reserve_once()))
    assert first == second and first[0].kind == "warning" and "has no space for a checkpoint" in first[0].text
    saved_by(tmp_path, 2)
    written = sum(path.stat().st_size for path in folder(tmp_path).iterdir())
    assert len(asked) >= 2 and asked[0] == 2 * asked[1] and asked[1] > written


def test_an_intact_folder_that_one_rank_cannot_read_is_not_replaced_by_an_older_one(tmp_path: Path, monkeypatch):
    for step in (1, 2):
        saved_by(tmp_path, 2, step)
    read = load_checkpoint.read_sharded

    def refused(path: Path, device: torch.device, ranks: Any) -> Any:
        if ranks.rank == 1:
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path, device, ranks)

    monkeypatch.setattr(load_checkpoint, "read_sharded", refused)

    def message(ranks: Any) -> str:
        with pytest.raises(InputError) as error:
            load_newest_checkpoint(tmp_path, CPU, ranks)
        return str(error.value)

    first, second = on_threads(2, message)
    assert first == second and "step_000002 cannot be read: Permission denied" in first
