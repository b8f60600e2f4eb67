"""Files that are made to take far more memory than they have bytes are read in bounded memory, and what is left out is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
ROOM = 1000
"""Megabytes that reading may take."""
RECORDS = 60_000
"""Records of a kind that has too many: more than every limit of a reader."""
SENTENCES = {
    "zeros": "40 records are too large to be read.",
    "long_tags": "2 tags are shortened.",
    "control_characters": "4 texts are shortened.",
    "long_json": "2 records are too large to be read.",
    "pictures": "",
    "notes": "50,000 notes are beyond the limit.",
    "texts": "50,000 texts are beyond the limit.",
    "tags": "10,000 points are beyond the limit.",
    "own_tags": "10,000 points are beyond the limit.",
    "many_values": "3 records are too large to be read.",
    "many_dimensions": "3 values of unknown kind cannot be displayed here.",
}
QUICK = ("zeros", "pictures")


@pytest.mark.parametrize(
    "kind", [*QUICK, *(pytest.param(kind, marks=pytest.mark.slow) for kind in SENTENCES if kind not in QUICK)]
)
def test_a_file_is_read_in_bounded_memory(kind: str, tmp_path: Path):
    fewer = {**os.environ, "HOSTILE_RECORDS": str(RECORDS)}
    subprocess.run([sys.executable, FOLDER / "make.py", tmp_path, kind], check=True, timeout=300, env=fewer)
    command = [sys.executable, str(FOLDER / "read.py"), str(tmp_path / kind)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    _, megabytes, sentence = done.stdout.split(" ", 2)
    assert float(megabytes) < ROOM
    assert sentence.partition("; ")[2].strip() == SENTENCES[kind]
