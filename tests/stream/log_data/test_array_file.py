"""Array files whose header does not fit their content."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jem_tui.stream.log_data.array_file import read_arrays
from tests.stream.array_files import sealed


@pytest.mark.parametrize("count", [10**15, -(10**15), "3", None])
def test_missing_arrays_are_refused(tmp_path: Path, count: object):
    sealed(tmp_path / "file", json.dumps({"words": {}, "arrays": [["a", "f8", count]]}).encode())
    with pytest.raises((ValueError, TypeError)):
        read_arrays(tmp_path / "file", 1 << 20)
