"""The recorded run of `jem-tui demo`, of which git keeps one copy for source checkouts and wheels."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from jem_tui.cli import demo
from jem_tui.errors import InputError

ROOT = Path(demo.__file__).parents[2]


def test_the_wheel_takes_the_run_from_results_to_where_the_demo_looks():
    packaging = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    ((source, target),) = packaging["targets"]["wheel"]["force-include"].items()
    assert [ROOT / target, ROOT / source] == list(demo.PLACES)
    assert not (ROOT / target).exists(), "a second copy in the repository would diverge"
    assert demo.demo_run() == ROOT / source
    assert {"run.json", "model.npz"} < {path.name for path in demo.demo_run().iterdir()}


def test_an_installation_without_the_run_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(demo, "PLACES", (tmp_path,))
    with pytest.raises(InputError, match="lacks the recorded run"):
        demo.demo_run()


def test_without_a_terminal_the_run_is_printed_without_torch():
    code = (
        "import sys, jem_tui.cli.demo as demo\n"
        "demo.demo()\n"
        "assert not {'torch', 'torchvision', 'textual'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "2,800" in done.stdout
