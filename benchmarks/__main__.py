"""All benchmarks as one table: `python -m benchmarks [--short] [--only NAME …] [--data-dir DIR] [--write]`.

`--device cuda` measures the training step on a GPU alone, with `--images FOLDER` also that of wide residual networks.

Ratios are measured interleaved in one run, medians over the rounds with the smallest and largest in brackets. `--write` puts the
table into `benchmarks/README.md`; `--short` only checks that every benchmark runs.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import torch

from benchmarks import (
    attach,
    export,
    keypress,
    on_device,
    repaint,
    replay,
    scaling,
    sgld,
    startup,
    time_to_quality,
    training,
    viewing,
    watch_cost,
    watching,
)
from benchmarks.report import Row, markdown

PAGE = Path(__file__).parent / "README.md"
TABLE, END = "<!-- table -->", "<!-- /table -->"
Section = Callable[[], Iterator[Row]]


def sections(asked: argparse.Namespace) -> dict[str, Section]:
    """Return the benchmarks by name."""
    short = asked.short
    rounds = 1 if short else asked.rounds
    full = ["data.name=mnist", f"data.dir={asked.data_dir}"] if asked.data_dir else []
    return {
        "sgld": lambda: sgld.rows(rounds),
        "training": lambda: training.rows(rounds),
        "quality": lambda: time_to_quality.rows(full, 50 if short else time_to_quality.LONGEST),
        "scaling": lambda: scaling.rows(rounds, scaling.SHORT if short else scaling.SIZES),
        "startup": lambda: startup.rows(rounds),
        "export": lambda: export.rows(rounds, 10_000 if short else 1_000_000),
        "replay": lambda: replay.rows(rounds, short=short),
        "repaint": lambda: repaint.rows(5 if short else 30),
        "keys": lambda: keypress.rows(1 if short else 4, 2 if short else 15),
        "viewing": lambda: viewing.rows(rounds, short=short),
        "watch": lambda: watch_cost.rows(1000 if short else 20_000),
        "attach": lambda: attach.rows(rounds),
        "watching": lambda: watching.rows(rounds, 50 if short else 250),
    }


def machine() -> str:
    """Return a description of the machine and its software."""
    gpu = f", {torch.cuda.get_device_name()}" if torch.cuda.is_available() else ""
    model = next(
        (line.split(":")[1].strip() for line in _cpu_lines() if line.startswith("model name")), platform.machine()
    )
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {model}{gpu}, {torch.get_num_threads()} torch thread, torch {torch.__version__}"
    )


def _cpu_lines() -> list[str]:
    info = Path("/proc/cpuinfo")
    return info.read_text().splitlines() if info.exists() else []


def write_table(lines: list[str]) -> None:
    """Replace the table in the README of this folder."""
    before, _, rest = PAGE.read_text().partition(TABLE)
    _, _, after = rest.partition(END)
    PAGE.write_text("\n".join([f"{before}{TABLE}", "", *lines, "", f"{END}{after}"]))


def main() -> None:
    """Measure the chosen sections and print the table; write it into the README with `--write`."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure everything; print one table.")
    parser.add_argument("--short", action="store_true", help="one short round, which only checks that everything runs")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="sections to measure")
    parser.add_argument("--data-dir", help="full MNIST for the time to quality: where MNIST/raw lies")
    parser.add_argument("--device", help="measure only the training step, on this device: cuda")
    parser.add_argument("--images", default="", metavar="FOLDER", help="32×32 images in class folders, for --device")
    parser.add_argument("--write", action="store_true", help=f"put the table into {PAGE.name}")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    known = sections(asked)
    if asked.device:
        known = {"device": lambda: on_device.rows(asked.device, asked.images, asked.short)}
    unknown = [name for name in asked.only if name not in known]
    if unknown:
        parser.error(f"there is no section {unknown[0]}; there are {', '.join(known)}")
    rows: list[Row] = []
    for name in asked.only or known:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        for row in known[name]():
            rows.append(row)
            print(f"{row.name}: {row.found}", file=sys.stderr, flush=True)
    lines = [f"Measured on {machine()}.", "", *markdown(rows)]
    print("\n".join(lines))
    if asked.write:
        write_table(lines)


if __name__ == "__main__":
    main()
