"""Detection of damage to checkpoints and model files."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.save_checkpoint import save_checkpoint
from jem_tui.jem.checkpoint.zip_digest import COMMENT
from jem_tui.jem.saved_run.model_file import read_arrays
from jem_tui.run_files import CHECKPOINT_FOLDER
from tests.examples import examples
from tests.jem.damaged_checkpoints import CPU, STATE, blank_pages, cuts, flips, is_original, loaded


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the only checkpoint of a run."""
    return save_checkpoint(tmp_path_factory.mktemp("run"), 7, STATE, keep=1)


@pytest.fixture(scope="module")
def unsealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a checkpoint as torch writes it, without digest."""
    path = tmp_path_factory.mktemp("run") / CHECKPOINT_FOLDER / "step_000007.pt"
    path.parent.mkdir()
    torch.save(STATE, path)
    return path


@pytest.mark.parametrize("file", ["sealed", "unsealed"])
@pytest.mark.parametrize("damage", [lambda content: flips(content, 401), blank_pages, cuts])
def test_a_damaged_checkpoint_is_refused_or_the_original(
    request, file: str, damage: Callable[[bytes], Iterator[bytes]]
):
    path = request.getfixturevalue(file)
    content = path.read_bytes()
    assert is_original(loaded(path, content))
    states = [loaded(path, changed) for changed in damage(content)]
    path.write_bytes(content)
    assert [state for state in states if state is not None and not is_original(state)] == []
    assert states.count(None) > len(states) // 2


def test_every_bit_that_the_digest_covers_counts(sealed: Path):
    content = sealed.read_bytes()
    covered, comment = content[:-COMMENT], content[-COMMENT:]
    states = [loaded(sealed, changed + comment) for changed in flips(covered, 499)]
    sealed.write_bytes(content)
    assert set(map(type, states)) == {type(None)}


def test_an_entry_that_is_marked_as_a_folder_is_damage(unsealed: Path):
    """Check against torch, which would not read the entry, and leave uninitialized memory in the tensor."""
    content = unsealed.read_bytes()
    changed = bytearray(content)
    changed[content.rindex(b"PK\1\2", 0, content.rindex(b"/data/0")) + 38] |= 0x10
    assert loaded(unsealed, bytes(changed)) is None
    unsealed.write_bytes(content)


def test_a_checkpoint_stays_a_zip_archive_that_torch_reads(sealed: Path):
    assert is_original(torch.load(sealed, weights_only=True))
    with zipfile.ZipFile(sealed) as archive:
        assert archive.comment.startswith(b"jem-tui sha256 ")


def test_after_a_flipped_bit_a_run_resumes_from_the_previous_checkpoint(tmp_path: Path):
    for step in (1, 2):
        path = save_checkpoint(tmp_path, step, {"x": torch.full((99,), float(step))}, keep=2)
    content = bytearray(path.read_bytes())
    content[content.index(torch.full((99,), 2.0).numpy().tobytes()) + 50] ^= 1
    path.write_bytes(bytes(content))
    state, warnings = load_newest_checkpoint(tmp_path, CPU)
    assert state["x"].unique().tolist() == [1.0]
    assert "step_000002.pt cannot be read" in warnings[0]


OPCODES = [bytes([code]) for code in range(256)]
ODD_PICKLES = st.builds(
    lambda names, body, end: b"\x80\x02" + b"".join(b"c" + name.encode() + b"\n" for name in names) + body + end,
    st.lists(
        st.sampled_from(
            [
                "torch._utils\n_rebuild_tensor_v2",
                "torch._utils\n_rebuild_parameter",
                "torch\nFloatStorage",
                "collections\nOrderedDict",
                "torch\ndevice",
                "builtins\neval",
            ]
        ),
        max_size=4,
    ),
    st.lists(st.sampled_from(OPCODES) | st.binary(max_size=4), max_size=40).map(b"".join),
    st.sampled_from([b"", b".", b")R.", b"(tR.", b"}b."]),
)


def as_archive(content: bytes) -> bytes:
    """Return a zip archive as torch makes it, with this pickle in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/byteorder", "little")
    return file.getvalue()


@settings(max_examples=examples(30), deadline=None)
@given(st.binary(max_size=300) | ODD_PICKLES | ODD_PICKLES.map(as_archive))
@pytest.mark.filterwarnings("ignore")
def test_any_content_of_a_checkpoint_is_read_or_refused(unsealed: Path, content: bytes):
    before = unsealed.read_bytes()
    try:
        state = loaded(unsealed, content)
    finally:
        unsealed.write_bytes(before)
    assert state is None or isinstance(state, dict)


def test_special_files_are_damaged_checkpoints_and_never_block(tmp_path: Path):
    path = tmp_path / CHECKPOINT_FOLDER / "step_000001.pt"
    path.parent.mkdir()
    for make in (os.mkfifo, os.mkdir, lambda where: where.symlink_to("/dev/zero")):
        make(path)
        with pytest.raises(InputError, match="damaged"):
            load_newest_checkpoint(tmp_path, CPU)[0]
        path.rmdir() if path.is_dir() else path.unlink()


@pytest.mark.parametrize("write", [np.savez, np.savez_compressed])
def test_a_damaged_model_file_is_refused_or_the_original(tmp_path: Path, write):
    path = tmp_path / "model.npz"
    arrays = {"weight/a": np.random.default_rng(0).random(900), "step": np.array([3])}
    write(path, **arrays)
    content = path.read_bytes()
    refused = 0
    for changed in (*flips(content, 97), *cuts(content)):
        path.write_bytes(changed)
        try:
            found = read_arrays(path)
        except Exception:  # load_model converts every exception of zip, zlib and numpy to a message
            refused += 1
            continue
        assert {name: array.tobytes() for name, array in found.items()} == {n: a.tobytes() for n, a in arrays.items()}
    assert refused > 300
