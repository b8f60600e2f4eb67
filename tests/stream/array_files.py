"""Array files with any header."""

from __future__ import annotations

from pathlib import Path

import google_crc32c

from jem_tui.stream.log_data.array_file import MAGIC


def sealed(path: Path, header: bytes) -> None:
    """Write an array file with this header, a valid checksum and no arrays."""
    body = MAGIC + len(header).to_bytes(8, "little") + header
    path.write_bytes(body + int(google_crc32c.value(body)).to_bytes(8, "little"))
