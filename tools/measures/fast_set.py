"""Wall time of the fast tests, measured on request and kept in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from measures.source_tree import ROOT

RECORD = Path(__file__).parent / "fast_set.json"


def fast_set_seconds() -> float | None:
    """Return the recorded seconds, or None where the fast tests were never timed."""
    return json.loads(RECORD.read_text("utf-8"))["seconds"] if RECORD.exists() else None


def time_fast_set() -> bool:
    """Run the fast tests as the README does, record their seconds and return whether they passed."""
    begun = time.monotonic()
    ended = subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=ROOT, check=False)
    record = {"seconds": round(time.monotonic() - begun, 1), "cores": os.cpu_count()}
    RECORD.write_text(json.dumps(record) + "\n", "utf-8")
    return ended.returncode == 0
