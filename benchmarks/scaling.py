"""Growth of the cost of training with each of its sizes: `python -m benchmarks.scaling [ROUNDS]`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

from benchmarks.interleaved import Spread, interleaved
from benchmarks.report import Row, markdown
from benchmarks.subject import QUIET, recorded, subject

SIZES: dict[str, tuple[str, Sequence[int]]] = {
    "batch": ("train.batch_size", (16, 64, 256, 1024)),
    "SGLD steps": ("sgld.steps", (1, 5, 20, 100)),
    "buffer": ("buffer.size", (1_000, 10_000, 100_000)),
    "image size in pixels": ("data.size", (28, 32, 48, 64)),
}
SHORT: dict[str, tuple[str, Sequence[int]]] = {name: (key, sizes[:2]) for name, (key, sizes) in SIZES.items()}


def milliseconds(key: str, sizes: Sequence[int], rounds: int) -> dict[int, float]:
    """Measure the milliseconds of one training step per image of the batch, by size."""
    trainers = {size: subject(*QUIET, f"{key}={size}", *_fitting(key, size)) for size in sizes}
    times = interleaved({str(size): recorded(trainer, 1) for size, trainer in trainers.items()}, rounds)
    return {size: 1e3 * median(times[str(size)]) / trainers[size].config.train.batch_size for size in sizes}


def _fitting(key: str, size: int) -> list[str]:
    """Return the settings that must grow with `size`: enough chains for a batch, images of that size."""
    if key == "train.batch_size":
        return [f"buffer.size={max(4000, 4 * size)}"]
    if key == "sgld.steps":
        return [f"sgld.max_steps={max(100, size)}"]
    return [f"data.name={_folder(size)}"] if key == "data.size" else []


def _folder(size: int) -> str:
    """Create a folder of class folders with a few images of `size`."""
    root = Path(tempfile.mkdtemp())
    random = np.random.default_rng(0)
    for label in range(10):
        (root / str(label)).mkdir()
        for number in range(20):
            pixels = random.integers(0, 256, (size, size), dtype=np.uint8)
            Image.fromarray(pixels).save(root / str(label) / f"{number}.png")
    return str(root)


def peak(words: Sequence[str]) -> float:
    """Return the peak memory of this process in MB after its start and three training steps with these settings (Linux)."""
    torch.set_num_threads(1)
    recorded(subject(*QUIET, *words), 3)()
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def pace(words: Sequence[str]) -> float:
    """Measure the wall seconds of ten training steps; the first word is the number of threads."""
    torch.set_num_threads(int(words[0]))
    steps = recorded(subject(*QUIET), 10)
    steps()
    began = time.perf_counter()
    steps()
    return time.perf_counter() - began


def in_fresh_process(function: str, *words: str) -> float:
    """Call `peak` or `pace` in a fresh process: earlier benchmarks have changed threads and memory of this one."""
    code = f"import sys; from benchmarks.scaling import {function}; print({function}(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", code, *words], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def threads(rounds: int) -> Row:
    """Measure the wall time with one thread over the wall time with two."""
    found = [in_fresh_process("pace", "1") / in_fresh_process("pace", "2") for _ in range(rounds)]
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    return Row(name=f"one thread over two ({cores} cores, load {load:.1f})", found=str(Spread.of(found)))


def rows(rounds: int, sizes: dict[str, tuple[str, Sequence[int]]] = SIZES) -> Iterator[Row]:
    """Measure one row for each size that can grow."""
    for name, (key, values) in sizes.items():
        cost = milliseconds(key, values, rounds)
        found = ", ".join(f"{size:,}: {ms:.2f}" for size, ms in cost.items())
        yield _judged(name, key, cost, f"{found} ms/image")
    yield threads(rounds)
    least, most = sizes["buffer"][1][0], sizes["buffer"][1][-1]
    small, large = (in_fresh_process("peak", f"buffer.size={size}") for size in (least, most))
    each = 1024 * (large - small) / (most - least)
    yield Row(
        name=f"memory, buffer of {least:,} and {most:,} chains",
        found=f"{small:.0f} and {large:.0f} MB: {each:.1f} kB a chain",
    )


def _judged(name: str, key: str, cost: dict[int, float], found: str) -> Row:
    """Return a row that demands linear growth or better: the cost of an image per unit of work may not rise (30 % are noise)."""
    units: dict[str, Callable[[int], int]] = {"sgld.steps": lambda size: size, "data.size": lambda size: size**2}
    work = units.get(key, lambda size: 1)
    first, last = min(cost), max(cost)
    grown = (cost[last] / work(last)) / (cost[first] / work(first))
    return Row(name=f"time against {name}", found=found, aim="linear or better", reached=grown <= 1.3)


if __name__ == "__main__":
    torch.set_num_threads(1)
    print("\n".join(markdown(rows(int((sys.argv[1:] or ["5"])[0])))))
