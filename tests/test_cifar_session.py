"""Results of a GPU session, copied into a folder and compared in a table."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from results import cifar_session

RESULTS = Path(__file__).parents[1] / "results" / "cifar10"


def write_session(folder: Path, accuracy: float) -> Path:
    """Write what a session with a twin, but without curves, has written, from the figures in the repository."""
    whole = json.loads((RESULTS / "eval.json").read_text("utf-8"))
    parts: dict[str, dict[str, Any]] = {
        "model": whole["evaluation"] | {"samples": None, "pictures": ["test images"]},
        "samples": whole["evaluation"] | {"classification": None, "ood": None, "robustness": None},
        "twin": json.loads((RESULTS / "twin" / "eval.json").read_text("utf-8"))["evaluation"],
    }
    parts["model"]["classification"] = parts["model"]["classification"] | {"accuracy": accuracy}
    for name, part in parts.items():
        (folder / "results" / name).mkdir(parents=True)
        (folder / "results" / name / "eval.json").write_text(json.dumps({"evaluation": part}))
    (folder / "results" / "model" / "ood.png").write_bytes(b"picture")
    for name in ("table.txt", "samples.txt", "twin.txt"):
        (folder / name).write_text(f"{name}\n")
    out = folder / "out"
    out.mkdir()
    with tarfile.open(out / "session.tar.gz", "w:gz") as archive:
        for path in (folder / "results", *folder.glob("*.txt")):
            archive.add(path, arcname=path.name)
    return out


def test_a_session_replaces_the_results_and_its_table_has_the_earlier_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    target = tmp_path / "target"
    target.mkdir()
    (target / "eval.json").write_bytes((RESULTS / "eval.json").read_bytes())
    (target / "curves.png").write_bytes(b"earlier curves")
    out = write_session(tmp_path, accuracy=0.912)
    monkeypatch.setattr("sys.argv", ["cifar_session", str(out), "--target", str(target)])
    cifar_session.main()
    printed, messages = capsys.readouterr()
    rows = {line.split(" | ")[0]: line.split(" | ")[1:] for line in printed.splitlines()}
    assert rows["| test accuracy of 10,000 images, %"][0] == "91.20"
    assert len(rows["| test accuracy of 10,000 images, %"]) == 3
    assert rows["| PGD-20, L∞ 8/255, %"][0] == "11.6"
    assert sum("Fréchet" in label for label in rows) == 2
    merged = json.loads((target / "eval.json").read_text())["evaluation"]
    assert merged["classification"]["accuracy"] == 0.912
    assert merged["samples"] and merged["robustness"]
    assert (target / "table.txt").read_text() == "table.txt\n\nsamples.txt\n"
    assert (target / "ood.png").read_bytes() == b"picture"
    assert (target / "curves.png").read_bytes() == b"earlier curves"
    assert "the session has no results/curves.png" in messages
