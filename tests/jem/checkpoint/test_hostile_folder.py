"""Checkpoint folders from unknown sources: nothing outside the folder is read, nothing blocks, and every folder is loaded or refused."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.manifest import MANIFEST, MOST_BYTES, Manifest
from jem_tui.jem.checkpoint.shard import shard_name
from jem_tui.jem.checkpoint.state_tree import from_tree, to_tree
from jem_tui.run_files import CHECKPOINT_FOLDER
from tests.jem.checkpoint.sharded import CPU, folder, same, saved_by

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["map", "tuple", "chains", "own", "equal", "layout", "x"]), inner, max_size=2)
    ),
    max_leaves=12,
)


def hostile(run_dir: Path, manifest: bytes, shards: list[bytes]) -> Path:
    """Write a folder whose files have the content that an attacker chose, with correct digests."""
    folder = run_dir / CHECKPOINT_FOLDER / "step_000001"
    folder.mkdir(parents=True, exist_ok=True)
    for number, content in enumerate(shards):
        (folder / shard_name(number)).write_bytes(content)
    (folder / MANIFEST).write_bytes(manifest)
    return folder


def manifest_of(tree: Any, shards: list[bytes]) -> bytes:
    return Manifest(shards=[hashlib.sha256(content).hexdigest() for content in shards], state=tree).content()


def refused(run_dir: Path) -> None:
    with pytest.raises(InputError, match=r"is damaged( \(.*\))?, and there is no other"):
        load_newest_checkpoint(run_dir, CPU)


@given(tree=JSON)
def test_any_tree_is_loaded_or_refused(tree: Any):
    shards = [safetensors.torch.save({"x": torch.zeros(2)})] * 2
    with tempfile.TemporaryDirectory() as temporary:
        run_dir = Path(temporary)
        hostile(run_dir, manifest_of(tree, shards), shards)
        try:
            assert isinstance(load_newest_checkpoint(run_dir, CPU)[0], dict)
        except InputError as error:
            assert "damaged" in str(error)


@given(content=JSON | st.fixed_dictionaries({"sha256": st.text(), "checkpoint": JSON}))
def test_any_manifest_is_refused(content: Any):
    with tempfile.TemporaryDirectory() as temporary:
        hostile(Path(temporary), json.dumps(content).encode(), [])
        refused(Path(temporary))


@cache
def saved_once() -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a state that two ranks have saved, and the files of its folder."""
    with tempfile.TemporaryDirectory() as temporary:
        saved_by(Path(temporary), 2)
        files = {path.name: path.read_bytes() for path in folder(Path(temporary)).iterdir()}
        return load_newest_checkpoint(Path(temporary), CPU)[0], files


@given(
    position=st.integers(0), flip=st.integers(1, 255), name=st.sampled_from([MANIFEST, shard_name(0), shard_name(1)])
)
def test_no_changed_byte_loads_as_another_state(position: int, flip: int, name: str):
    state, files = saved_once()
    content = bytearray(files[name])
    content[position % len(content)] ^= flip
    with tempfile.TemporaryDirectory() as temporary:
        run_dir = Path(temporary)
        changed = {**files, name: bytes(content)}
        hostile(run_dir, changed[MANIFEST], [changed[shard_name(number)] for number in range(2)])
        try:
            assert same(load_newest_checkpoint(run_dir, CPU)[0], state)
        except InputError:
            return
        assert name == MANIFEST


def header(entries: dict[str, Any], data: bytes = b"") -> bytes:
    text = json.dumps(entries).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.mark.parametrize(
    "shard",
    [
        b"",
        b"\xff" * 8,
        (1 << 62).to_bytes(8, "little") + b"{}",
        header({"x": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}),
        header({"x": {"dtype": "F32", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 0]}}),
        header({"x": {"dtype": "F32", "shape": [1 << 62, 0], "data_offsets": [0, 0]}}),
        header({"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}, bytes(4)),
        header({"x": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}, bytes(4)),
        header({"x": {"dtype": "P1", "shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
    ],
)
def test_files_with_giant_or_false_shapes_are_refused(tmp_path: Path, shard: bytes):
    hostile(tmp_path, manifest_of({"map": [["x", {"equal": "x"}]]}, [shard]), [shard])
    try:
        state = load_newest_checkpoint(tmp_path, CPU)[0]
    except InputError as error:
        assert "damaged" in str(error)
    else:
        assert state["x"].numel() == 0


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("name", [MANIFEST, shard_name(0)])
@pytest.mark.parametrize("harm", [fifo, device, sparse, a_folder, Path.unlink])
def test_pipes_devices_and_giant_files_block_nothing(tmp_path: Path, name: str, harm: Callable[[Path], None]):
    saved_by(tmp_path, 2)
    harm(tmp_path / CHECKPOINT_FOLDER / "step_000001" / name)
    refused(tmp_path)


@pytest.mark.parametrize("name", ["../../secret", "/etc/hostname", "..", "x\0y", "step_1/../.."])
def test_a_name_in_a_manifest_never_becomes_a_path(tmp_path: Path, name: str):
    """Names of files follow from the number of ranks; names in the manifest select tensors of these files."""
    (tmp_path / "secret").write_bytes(b"secret")
    shard = safetensors.torch.save({"x": torch.zeros(2)})
    tree = {"map": [["x", {"equal": name}]]}
    hostile(tmp_path, manifest_of(tree, [shard]), [shard])
    refused(tmp_path)
    content = {"shards": [name], "state": {"map": []}, "schema": 1}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    hostile(tmp_path, json.dumps({"sha256": digest, "checkpoint": content}).encode(), [shard])
    refused(tmp_path)


def test_a_linked_folder_is_read_and_only_its_link_deleted(tmp_path: Path):
    from jem_tui.jem.checkpoint.save_checkpoint import delete

    saved_by(tmp_path / "other", 2)
    (tmp_path / CHECKPOINT_FOLDER).mkdir()
    link = tmp_path / CHECKPOINT_FOLDER / "step_000001"
    target = tmp_path / "other" / CHECKPOINT_FOLDER / "step_000001"
    link.symlink_to(target)
    assert load_newest_checkpoint(tmp_path, CPU)[0]["step"] == 1
    delete(link)
    assert not link.exists() and (target / MANIFEST).exists()


STATES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=True)
    | st.text(max_size=9)
    | st.sampled_from([torch.zeros(()), torch.arange(6).view(2, 3), torch.tensor([True]), torch.zeros(2, 0)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(state=STATES)
def test_every_state_comes_back_from_its_tree(state: Any):
    tensors: dict[str, Any] = {}
    tree = json.loads(json.dumps(to_tree(state, tensors), allow_nan=False))
    assert same(from_tree(tree, lambda part, name: tensors[name][1]), state)
