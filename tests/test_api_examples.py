"""The examples on the page of the Python API, executed one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

EXPECTED = (
    r"10 0\.\d+",
    r"validation 0\.\d+",
    r"finished 30 30 0\.\d+",
    r"2 0\.\d+",
    r"\(100, 28, 28, 1\) -?\d+\.\d+",
    r"JEM/accuracy +0\.\d+",
    r"Curve\('loss', 50 points, last .*\)",
    r"tensor\(\[.*",
    r"finished",
)
"""Lines that the examples print."""
PAGE = Path(__file__).parents[1] / "docs" / "api.md"


@pytest.mark.slow
def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)
    printed = capsys.readouterr().out
    for expected in EXPECTED:
        assert re.search(rf"^{expected}$", printed, re.MULTILINE), f"{expected} is not in {printed}"
