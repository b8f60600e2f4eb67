"""The JSON file of a sharded checkpoint: the digest of each shard, and all values of the state that are not tensors."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jem_tui.regular_file import read_regular

MANIFEST = "checkpoint.json"
SCHEMA = 1
MOST_BYTES = 64 << 20
MOST_RANKS = 65_536
DIGITS = 64


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The content of the JSON file. Names of shards are not recorded, because they follow from the number of ranks."""

    shards: Sequence[str]
    """The SHA-256 digest of each rank's shard, in hexadecimal digits."""
    state: Any
    """The state without its tensors, as `state_tree.to_tree` returns it."""
    schema: int = SCHEMA

    @property
    def ranks(self) -> int:
        """The number of ranks that have written the checkpoint."""
        return len(self.shards)

    def content(self) -> bytes:
        """Return the bytes of the file, which include a digest of its other content."""
        fields = asdict(self)
        return json.dumps({"sha256": _digest(fields), "checkpoint": fields}).encode()


def read_manifest(folder: Path) -> Manifest:
    """Return the JSON file of a checkpoint. Raises OSError, or ValueError, TypeError or a LookupError for a damaged file."""
    content = json.loads(read_regular(folder / MANIFEST, MOST_BYTES))
    fields = content["checkpoint"]
    if content["sha256"] != _digest(fields):
        raise ValueError("the content does not have the recorded checksum")
    manifest = Manifest(**fields)
    shards = manifest.shards
    if manifest.schema != SCHEMA or not isinstance(shards, list) or not 1 <= len(shards) <= MOST_RANKS:
        raise ValueError("the manifest is of an unknown kind")
    if not all(isinstance(shard, str) and len(shard) == DIGITS for shard in shards):
        raise ValueError("the manifest lacks the digest of a shard")
    return manifest


def _digest(fields: Any) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()
