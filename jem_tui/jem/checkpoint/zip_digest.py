"""The SHA-256 digest of a zip archive, stored in the archive's comment, which readers of zip files ignore.

torch reads its archives without verifying them: weights with a flipped bit load as another model.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

LABEL = b"jem-tui sha256 "
DIGITS = 64
COMMENT = len(LABEL) + DIGITS
CHUNK = 1 << 20
FOLDER_BIT = 0x10
"""Bit of the external attributes that marks a folder: torch does not read such an entry, and returns uninitialized memory."""


def with_digest(archive: memoryview) -> Iterator[bytes | memoryview]:
    """Yield a zip archive without comment in parts, followed by its digest as the comment. Raises ValueError for other content."""
    if bytes(archive[-22:-18]) != b"PK\5\6" or bytes(archive[-2:]) != b"\0\0":
        raise ValueError("not a zip archive without comment")
    digest = hashlib.sha256()
    for part in (archive[:-2], COMMENT.to_bytes(2, "little"), LABEL):
        digest.update(part)
        yield part
    yield digest.hexdigest().encode()


def check_digest(file: BinaryIO) -> None:
    """Verify every byte of an archive with a digest, or every entry of an archive without. Raises ValueError or an error of `zipfile`.

    The position in the file is left at its start.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - COMMENT))
    comment = file.read()
    file.seek(0)
    if not comment.startswith(LABEL):
        check_entries(file, size)
    elif sha256(file, size - DIGITS) != comment[len(LABEL) :]:
        raise ValueError("the content does not have the recorded checksum")
    file.seek(0)


def check_entries(file: BinaryIO, most_bytes: int) -> None:
    """Verify the checksum of every entry. Raises ValueError, also if the entries unpack to more than `most_bytes`."""
    with zipfile.ZipFile(file) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > most_bytes:
            raise ValueError("the entries are larger than allowed")
        if any(entry.external_attr & FOLDER_BIT for entry in archive.infolist()):
            raise ValueError("an entry is marked as a folder")
        damaged = archive.testzip()
    if damaged is not None:
        raise ValueError(f"the entry {damaged} does not have the recorded checksum")


def sha256(file: BinaryIO, length: int) -> bytes:
    """Return the hexadecimal digest of the next `length` bytes."""
    digest = hashlib.sha256()
    while length and (part := file.read(min(CHUNK, length))):
        digest.update(part)
        length -= len(part)
    return digest.hexdigest().encode()
