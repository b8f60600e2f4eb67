"""Checkpoints of several ranks: every number of ranks reads them, and their folders are replaced, deleted and recognised as damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.manifest import MANIFEST
from jem_tui.jem.checkpoint.save_checkpoint import save_checkpoint
from jem_tui.jem.checkpoint.shard import shard_name
from jem_tui.run_files import sorted_checkpoints
from tests.jem.checkpoint.sharded import (
    CHAINS,
    CPU,
    EXPLORERS,
    folder,
    loaded_by,
    names,
    same,
    saved_by,
    state_of,
    whole_pool,
    writer,
)
from tests.ranks.threads import on_threads


@pytest.mark.parametrize("size", [2, 3])
def test_the_same_ranks_get_their_states_back_bit_by_bit(tmp_path: Path, size: int):
    notes = saved_by(tmp_path, size)
    assert {(note.kind, note.text) for note in notes} == {("checkpoint", "checkpoint saved: step_000001")}
    assert names(tmp_path) == ["step_000001"]
    assert sorted(path.name for path in folder(tmp_path).iterdir()) == [
        MANIFEST,
        *(shard_name(rank) for rank in range(size)),
    ]
    for rank, state in enumerate(loaded_by(tmp_path, size)):
        assert same(state, state_of(rank, size))


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (2, 3), (3, 2), (1, 6), (6, 1), (6, 3)])
def test_chains_are_shared_out_in_the_order_of_ranks_and_streams_are_left_out(tmp_path: Path, before: int, after: int):
    if before == 1:
        save_checkpoint(tmp_path, 1, state_of(0, 1), keep=2)
    else:
        saved_by(tmp_path, before)
    states = loaded_by(tmp_path, after)
    for name, count in (("buffer", CHAINS), ("explorers", EXPLORERS)):
        pools = [state["learner"]["population"][name] for state in states]
        for field, value in whole_pool(count, 1).items():
            assert torch.equal(torch.cat([pool[field] for pool in pools]), value)
        assert all(len(pool["x"]) == count // after and "order" not in pool and pool["position"] == 3 for pool in pools)
    for state in states:
        assert state["learner"]["generators"].keys() == {"order"}
        expected = state_of(0, 1)
        for part in ("network", "optimizer", "batches"):
            assert same(state["learner"][part], expected["learner"][part])
        assert state["recovery"] == expected["recovery"] and state["step"] == 1


def test_ranks_that_cannot_share_the_chains_are_refused_in_a_sentence(tmp_path: Path):
    saved_by(tmp_path, 2)
    with pytest.raises(InputError, match=r"5 ranks cannot share the 12 chains .* number of ranks that divides"):
        loaded_by(tmp_path, 5)


def test_a_checkpoint_of_its_step_is_replaced_by_either_kind(tmp_path: Path):
    saved_by(tmp_path, 2, step=5)
    saved_by(tmp_path, 3, step=5)
    assert names(tmp_path) == ["step_000005"] and len(list(folder(tmp_path, 5).iterdir())) == 4
    save_checkpoint(tmp_path, 5, {"step": 5}, keep=2)
    assert names(tmp_path) == ["step_000005.pt"]
    saved_by(tmp_path, 2, step=5)
    assert names(tmp_path) == ["step_000005"]


def test_void_and_old_checkpoints_of_both_kinds_are_deleted(tmp_path: Path):
    save_checkpoint(tmp_path, 1, {"step": 1}, keep=9)
    for step in (2, 3, 9):
        saved_by(tmp_path, 2, step, keep=9)
    save_checkpoint(tmp_path, 8, {"step": 8}, keep=9)
    assert names(tmp_path) == ["step_000001.pt", "step_000002", "step_000003", "step_000008.pt"]
    saved_by(tmp_path, 2, step=7, keep=3)
    assert names(tmp_path) == ["step_000002", "step_000003", "step_000007"]
    on_threads(2, lambda ranks: list(writer(tmp_path, ranks, 3).replace_void(3)))
    assert names(tmp_path) == ["step_000002", "step_000003"]
    assert on_threads(2, lambda ranks: list(writer(tmp_path, ranks, 3).replace_void(3))) == [[], []]


@pytest.mark.parametrize("gone", ["rename", "unfinished", "both"])
def test_what_a_killed_process_leaves_is_ignored_and_deleted(tmp_path: Path, gone: str):
    """The process may be killed before its folder is complete, or between the two renames that replace a folder."""
    saved_by(tmp_path, 2, step=1)
    saved_by(tmp_path, 2, step=2)
    kept = folder(tmp_path, 2)
    if gone != "rename":
        half = kept.with_name(".step_000003.tmp")
        half.mkdir()
        (half / shard_name(1)).write_bytes((kept / shard_name(1)).read_bytes())
    if gone != "unfinished":
        kept.rename(kept.with_suffix(".old"))
    for rank, state in enumerate(loaded_by(tmp_path, 2)):
        assert same(state, state_of(rank, 2, 2))
    saved_by(tmp_path, 2, step=4, keep=9)
    left = "step_000002" if gone == "unfinished" else "step_000002.old"
    assert names(tmp_path) == ["step_000001", left, "step_000004"]


def test_the_refusal_of_the_only_checkpoint_names_the_missing_file(tmp_path: Path):
    saved_by(tmp_path, 2, step=1)
    folder(tmp_path, 1).joinpath(shard_name(1)).unlink()
    with pytest.raises(InputError) as refused:
        loaded_by(tmp_path, 2)
    assert f"step_000001 is damaged ({shard_name(1)} is missing), and there is no other." in str(refused.value)


@pytest.mark.parametrize("name", [MANIFEST, shard_name(0), shard_name(1)])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_damaged_file_is_recognised_and_the_checkpoint_before_it_is_used(tmp_path: Path, name: str, size: int):
    saved_by(tmp_path, 2, step=1)
    saved_by(tmp_path, 2, step=2)
    path = folder(tmp_path, 2) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    for damage in (content, b"", None):
        path.write_bytes(damage) if damage is not None else path.unlink()
        for state, warnings in on_threads(size, lambda ranks: load_newest_checkpoint(tmp_path, CPU, ranks)):
            assert state["step"] == 1
            part = f"{name} is {'damaged' if damage is not None else 'missing'}"
            assert warnings == [f"step_000002 ({part}) cannot be read; step_000001 is used instead"]
    folder(tmp_path, 1).joinpath(MANIFEST).unlink()
    with pytest.raises(InputError, match=r"All 2 checkpoints in .* are damaged"):
        loaded_by(tmp_path, size)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:torch.distributed is")
def test_torch_reads_the_folder_with_its_own_reader(tmp_path: Path):
    from torch.distributed.checkpoint import HuggingFaceStorageReader, load

    saved_by(tmp_path, 3)
    chains = torch.zeros(CHAINS, 3, 2, 2)
    weight = torch.zeros(2, 3, 2, 2)
    wanted = {"learner.population.buffer.x": chains, "learner.network.a.weight": weight}
    load(wanted, storage_reader=HuggingFaceStorageReader(str(folder(tmp_path))), no_dist=True)
    assert torch.equal(chains, whole_pool(CHAINS, 1)["x"])
    assert torch.equal(weight, state_of(0, 1)["learner"]["network"]["a.weight"])


def test_the_manifest_is_json_that_names_no_file(tmp_path: Path):
    saved_by(tmp_path, 2)
    content = json.loads((folder(tmp_path) / MANIFEST).read_bytes())
    assert content.keys() == {"sha256", "checkpoint"}
    assert content["checkpoint"].keys() == {"shards", "state", "schema"}
    assert sorted_checkpoints(tmp_path) == [folder(tmp_path)]
