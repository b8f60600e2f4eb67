"""The results of a GPU session as files of `results/cifar10`, and its table: `python -m results.cifar_session OUT [--target DIR]`.

OUT is what `tools/gpu_session.py` has written. Pictures, tables and figures of the run and of its classifier twin replace those in DIR. The
table, which compares the run with its twin and with the figures that were in DIR, is printed as Markdown for the README.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jem_tui.events.run import Evaluated
from jem_tui.stream.replay.replayer import read_events

TARGET = Path(__file__).parent / "cifar10"
MODEL_PICTURES = ("reliability.png", "ood.png", "robustness.png")
NORMS = {"linf": "L∞", "l2": "L2"}
SHOWN = 6
"""Number of validation accuracies that the table shows, at equal distances."""
Figures = Mapping[str, Any]
"""The object `evaluation` of an eval.json."""


def main() -> None:
    """Copy the results of a session, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--target", type=Path, default=TARGET)
    asked = parser.parse_args()
    before = evaluation(asked.target / "eval.json")
    with tempfile.TemporaryDirectory() as folder:
        session = Path(folder)
        unpack(asked.out, session)
        copy_results(session, asked.target)
        columns = {
            "JEM": evaluation(asked.target / "eval.json"),
            "twin": evaluation(asked.target / "twin" / "eval.json"),
        }
        columns["JEM before"] = before
        print("\n".join(comparison({name: one for name, one in columns.items() if one}, accuracies(session))))


def unpack(out: Path, session: Path) -> None:
    """Unpack the tables and, if there is one, the run of a session."""
    archives = [out / "session.tar.gz"]
    parts = sorted(out.glob("run.tar.gz.*"))
    if parts:
        archives.append(session / "run.tar.gz")
        archives[-1].write_bytes(b"".join(part.read_bytes() for part in parts))
    for path in archives:
        with tarfile.open(path) as archive:
            archive.extractall(session, filter="data")


def copy_results(session: Path, target: Path) -> None:
    """Replace what is in the target by what the session has; what the session lacks stays, with a line on stderr."""
    results = session / "results"
    (target / "twin").mkdir(parents=True, exist_ok=True)
    copies = {target / name: results / "model" / name for name in MODEL_PICTURES}
    copies |= {target / name: results / name for name in ("curves.png", "fresh.png")}
    copies |= {target / "samples.png": results / "samples" / "samples.png"}
    copies |= {
        target / "twin" / "eval.json": results / "twin" / "eval.json",
        target / "twin" / "table.txt": session / "twin.txt",
    }
    for into, path in copies.items():
        if path.is_file():
            shutil.copy(path, into)
        else:
            print(f"the session has no {path.relative_to(session)}", file=sys.stderr)
    write_merged(results, target / "eval.json")
    tables = [session / name for name in ("table.txt", "samples.txt") if (session / name).is_file()]
    (target / "table.txt").write_text("\n".join(path.read_text("utf-8") for path in tables), "utf-8")


def write_merged(results: Path, into: Path) -> None:
    """Write the evaluations of the model and of its samples, which were measured at once, as one eval.json."""
    model, samples = (evaluation(results / part / "eval.json") for part in ("model", "samples"))
    if not model and not samples:
        return
    pictures = sorted({name for one in (model, samples) for name in one.get("pictures", ())})
    merged = {**samples, **{key: value for key, value in model.items() if value is not None}, "pictures": pictures}
    content = {"schema": 1, "run": "runs/cifar", "evaluation": merged, "against": None}
    into.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def evaluation(path: Path) -> Figures:
    """Return the figures of an eval.json, none if the file is missing."""
    found: Figures = json.loads(path.read_text("utf-8"))["evaluation"] if path.is_file() else {}
    return found


def accuracies(session: Path) -> list[tuple[int, float]]:
    """Return steps and validation accuracies of the run, at equal distances, the last one included."""
    run = session / "run"
    events = read_events(run) if run.is_dir() else ()
    found = [
        (event.step, event.scores["accuracy"])
        for event in events
        if isinstance(event, Evaluated) and event.split == "validation"
    ]
    every = max(1, -(-len(found) // SHOWN))
    return found[::-1][::every][::-1]


def comparison(columns: Mapping[str, Figures], validation: list[tuple[int, float]]) -> Iterator[str]:
    """Yield the lines of a Markdown table with a column for each evaluation, and the validation accuracies of the first one."""
    yield "| | " + " | ".join(f"{name}, {one['step']:,} steps" for name, one in columns.items()) + " |"
    yield "|---|" + "---|" * len(columns)
    rows = [dict(figures(one)) for one in columns.values()]
    for label in dict.fromkeys(label for row in rows for label in row):
        yield f"| {label} | " + " | ".join(row.get(label, "") for row in rows) + " |"
    if validation:
        steps = " / ".join(f"{step:,}" for step, _ in validation)
        scores = " / ".join(f"{100 * score:.1f}" for _, score in validation)
        yield f"\nValidation accuracy after {steps} steps: {scores} %."


def figures(one: Figures) -> Iterator[tuple[str, str]]:
    """Yield each figure of an evaluation with its label."""
    if one.get("classification"):
        yield (
            f"test accuracy of {one['classification']['images']:,} images, %",
            f"{100 * one['classification']['accuracy']:.2f}",
        )
        yield "expected calibration error, 15 bins, %", f"{100 * one['classification']['ece']:.1f}"
    for other in (one.get("ood") or {}).get("sets", ()):
        yield f"AUROC of log p(x): {other['name']}", f"{other['auroc']['log_px']:.3f}"
    for case in one.get("robustness") or ():
        if case["epsilon"] and not case["refine"]:
            yield f"PGD-20, {NORMS[case['norm']]} {radius(case)}, %", f"{100 * case['accuracy']:.1f}"
    for sample in (one.get("samples") or {}).get("quality", ()):
        chains = "buffer" if sample["source"] == "buffer" else f"fresh chains of {sample['steps']} steps"
        label = f"Fréchet distance in our 64 features, {chains} (as many test images)"
        yield label, f"{sample['frechet']:.2f} ({sample['floor']:.2f})"


def radius(case: Figures) -> str:
    """Return the customary form of an attack's radius: multiples of 1/255 for L∞."""
    return f"{round(255 * case['epsilon'])}/255" if case["norm"] == "linf" else f"{case['epsilon']:g}"


if __name__ == "__main__":
    main()
