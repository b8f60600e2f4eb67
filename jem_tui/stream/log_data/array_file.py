"""A file format of named arrays with JSON metadata, protected by a checksum."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from stat import S_ISREG
from typing import Any

import google_crc32c
import numpy as np
from numpy.typing import NDArray

from jem_tui.atomic_file import replace_by_parts

MAGIC = b"jem-tui arrays 1"
_WORD = 8
"""Bytes of a word, to which every part of the file is padded."""
_KINDS: dict[str, np.dtype[Any]] = {
    "i8": np.dtype("<i8"),
    "f8": np.dtype("<f8"),
    "f4": np.dtype("<f4"),
    "u1": np.dtype("u1"),
}

Words = dict[str, Any]
Arrays = Mapping[str, NDArray[Any]]


def write_arrays(path: Path, words: Words, arrays: Arrays) -> None:
    """Replace a file by `words` (as JSON) and arrays of shape (n,) of the kinds i8, f8, f4 and u1. Raises OSError."""
    replace_by_parts(path, _with_checksum(_parts(words, arrays)))


def read_arrays(path: Path, most_bytes: int) -> tuple[Words, dict[str, NDArray[Any]]]:
    """Return metadata and read-only arrays, which share the file's bytes.

    Raises OSError, and ValueError for a damaged file, a file of another format, or more than `most_bytes`.
    """
    known = path.stat()
    if not S_ISREG(known.st_mode) or known.st_size > most_bytes:
        raise ValueError(f"{path} is not a regular file, or is larger than an array file may be")
    with path.open("rb") as file:
        magic = file.read(len(MAGIC))
        data = magic + file.read(max(0, known.st_size - len(magic) - _WORD)) if magic == MAGIC else b""
        checksum = file.read(_WORD)
    if not data or checksum != _as_word(google_crc32c.value(data)):
        raise ValueError(f"{path} is not an array file, or is damaged")
    try:
        return unpack_arrays(data)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def pack_arrays(words: Words, arrays: Arrays) -> bytes:
    """Return `words` (as JSON) and arrays of shape (n,) as the bytes of a file without its checksum."""
    return b"".join(_parts(words, arrays))


def unpack_arrays(data: bytes, most_json: int | None = None) -> tuple[Words, dict[str, NDArray[Any]]]:
    """Return metadata and read-only arrays, which share `data`.

    Raises ValueError, KeyError or TypeError for malformed bytes, and for more than `most_json` bytes of JSON.
    """
    start = len(MAGIC) + _WORD
    size = int.from_bytes(data[len(MAGIC) : start], "little")
    if most_json is not None and size > most_json:
        raise ValueError(f"there are more than {most_json:,} bytes of JSON")
    at = start + size
    header = json.loads(data[start:at])
    arrays: dict[str, NDArray[Any]] = {}
    for name, kind, count in header["arrays"]:
        if count < 0:
            raise ValueError(f"an array cannot hold {count} numbers")
        # Raises ValueError where the data are too short
        arrays[name] = np.frombuffer(data, _KINDS[kind], count, at)
        at += -(-arrays[name].nbytes // _WORD) * _WORD
    return header["words"], arrays


def _parts(words: Words, arrays: Arrays) -> Iterator[bytes]:
    kinds = {dtype: kind for kind, dtype in _KINDS.items()}
    entries = [(name, kinds[array.dtype.newbyteorder("<")], len(array)) for name, array in arrays.items()]
    header = _padded(json.dumps({"words": words, "arrays": entries}, separators=(",", ":")).encode(), b" ")
    yield MAGIC
    yield _as_word(len(header))
    yield header
    for array, (_, kind, _) in zip(arrays.values(), entries, strict=True):
        yield _padded(array.astype(_KINDS[str(kind)], copy=False).tobytes(), b"\0")


def _with_checksum(parts: Iterator[bytes]) -> Iterator[bytes]:
    checksum = 0
    for part in parts:
        checksum = google_crc32c.extend(checksum, part)
        yield part
    yield _as_word(checksum)


def _as_word(number: int) -> bytes:
    return int(number).to_bytes(_WORD, "little")


def _padded(data: bytes, filling: bytes) -> bytes:
    return data + filling * (-len(data) % _WORD)
