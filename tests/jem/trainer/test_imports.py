"""The packages that a training run imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.jem.runs import SMALL


@pytest.mark.slow
def test_a_run_on_a_cpu_imports_no_compiler(tmp_path: Path):
    code = (
        "import sys, jem_tui\n"
        "from jem_tui.config.load import make_config\n"
        f"config = make_config('', words={[*SMALL, 'train.max_steps=2']!r})\n"
        f"for event in jem_tui.train(config, run_dir={str(tmp_path / 'run')!r}): pass\n"
        "heavy = {'sympy', 'torch._dynamo', 'torch._inductor'} & sys.modules.keys()\n"
        "assert event.reason == 'finished' and not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
