"""Golden values of a fixed-seed run of 50 steps, which must stay bit-identical unless a change of numbers is intended.

Bits depend on the processor's vector width and on torch's kernels, so they are compared on the kind of machine that wrote
them; elsewhere the first steps must agree to a part in a thousand. After an intended change, and a line in the changelog:

    python -m tests.jem.test_golden
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import torch

from jem_tui.events.run import ACCURACY, NRG, TOTAL, XE, StepDone
from tests.jem.runs import run, small_config

GOLDEN = Path(__file__).with_name("golden.json")


def machine() -> str:
    return f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}"


def fifty_steps(folder: Path) -> list[list[str]]:
    config = small_config("network.width=8", "sgld.steps=3", max_steps=50)
    steps = [e.metrics for e in run(config, folder) if isinstance(e, StepDone)]
    return [[m[tag].hex() for tag in (TOTAL, NRG, XE, ACCURACY)] for m in steps]


def test_fifty_steps_match_the_golden_values(tmp_path):
    golden = json.loads(GOLDEN.read_text())
    now = fifty_steps(tmp_path)
    assert len(now) == 50
    if golden["machine"] == machine():
        assert now == golden["steps"]
    for new, old in zip(now[:10], golden["steps"], strict=False):
        assert [float.fromhex(v) for v in new] == pytest.approx([float.fromhex(v) for v in old], rel=1e-3, abs=1e-3)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        steps = fifty_steps(Path(folder))
    GOLDEN.write_text(json.dumps({"machine": machine(), "steps": steps}, indent=1) + "\n")
