"""Checkpoints of two ranks under the fuzzer."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from jem_tui.errors import InputError
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.checkpoint.manifest import MANIFEST, Manifest
from jem_tui.jem.checkpoint.shard import shard_name
from tests.fuzz.text_files import outcome
from tests.jem.checkpoint.sharded import CPU, folder, same, saved_by

FILES = (MANIFEST, shard_name(0), shard_name(1))


class CheckpointFolders:
    """Folders of which one file is replaced, with a digest that agrees, or not repaired."""

    def __init__(self, run_dir: Path) -> None:
        self._run_dir = run_dir
        saved_by(run_dir, 2)
        self._folder = folder(run_dir)
        self._whole = {name: (self._folder / name).read_bytes() for name in FILES}
        self._state = load_newest_checkpoint(run_dir, CPU)[0]

    def seeds(self) -> list[bytes]:
        """Return every file, unrepaired and repaired; a repaired manifest is its tree."""
        tree = json.dumps(self._manifest["state"]).encode()
        parts = [(n, self._whole[name]) for n, name in enumerate(FILES)] + [(3, tree)]
        parts += [(3 + n, self._whole[name]) for n, name in enumerate(FILES) if n]
        return [bytes([n]) + content for n, content in parts]

    def read(self, data: bytes) -> str:
        """Load a folder; an unrepaired one must be refused or hold the state of the seeds."""
        if not data:
            return ""
        repaired, which = divmod(data[0] % 6, 3)
        files = {**self._whole, FILES[which]: data[1:]}
        if repaired:
            files[MANIFEST] = self._repaired(files, data[1:] if which == 0 else None)
        for name, content in files.items():
            (self._folder / name).write_bytes(content)
        try:
            state = load_newest_checkpoint(self._run_dir, CPU)[0]
        except InputError as error:
            return outcome(error)
        assert isinstance(state, dict)
        assert repaired or same(state, self._state)
        return "opened"

    @property
    def _manifest(self) -> dict[str, object]:
        content: dict[str, object] = json.loads(self._whole[MANIFEST])["checkpoint"]
        return content

    def _repaired(self, files: dict[str, bytes], tree: bytes | None) -> bytes:
        """Return a manifest with the digests of the files, and with another tree if it is JSON."""
        state = self._manifest["state"]
        if tree is not None:
            try:
                state = json.loads(tree)
            except (ValueError, RecursionError):
                return files[MANIFEST]
        return Manifest(shards=[hashlib.sha256(files[name]).hexdigest() for name in FILES[1:]], state=state).content()
