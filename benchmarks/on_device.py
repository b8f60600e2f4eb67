"""The whole trainer on a GPU against the floor of one CUDA graph: `python -m benchmarks --device cuda [--images FOLDER]`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

import torch
from torch.profiler import ProfilerActivity, profile

from benchmarks.graph_floor import Floor
from benchmarks.report import Row, plain
from benchmarks.subject import QUIET, recorded, subject

CALM = (*QUIET, "stability.snapshot_every=1000000", "train.epochs=1000")
"""Settings without snapshots and recorded samples, so that only steps are timed."""

OBSERVED = 4.0
"""Seconds in which the driver's counter of the GPU's use is read."""
WATCHED = 20
"""Steps whose kernels are profiled; profiling takes far longer than the steps."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A recipe, and how many steps of it are timed."""

    name: str
    words: tuple[str, ...]
    preset: str
    steps: int


DIGITS = [
    Case(name=f"fast, batch {b}", words=(f"train.batch_size={b}",), preset="fast", steps=300) for b in (64, 256, 1024)
]
WIDE = ("network.depth=28", "network.widen=10", "train.batch_size=128")
COMPILED = ("train.compile=true",)
WHOLE = ("buffer.batch_share=1",)
"""Settings by which a batch has as many chains as images, as the floor has."""
COLOUR = [
    Case(name="WRN-16-4, batch 256, K=10, bfloat16", words=(), preset="cifar", steps=40),
    Case(name="WRN-16-4, compiled", words=COMPILED, preset="cifar", steps=40),
    Case(name="WRN-28-10, batch 128, K=10, bfloat16", words=WIDE, preset="cifar", steps=10),
    Case(name="WRN-28-10, compiled", words=(*WIDE, *COMPILED), preset="cifar", steps=10),
]
TINY = [Case(name="fast, batch 16", words=("train.batch_size=16", "network.width=4"), preset="fast", steps=3)]


def rows(device: str, images: str, short: bool) -> Iterator[Row]:
    """Yield the images a second of each case; cases in colour need a folder of 32×32 images."""
    cases = TINY if short else [*DIGITS, *(COLOUR if images else [])]
    for case in cases:
        words = (
            *case.words,
            *CALM,
            f"train.device={device}",
            *([f"data.name={images}", *WHOLE] if case.preset == "cifar" else []),
        )
        yield from measured(case, words)


def measured(case: Case, words: tuple[str, ...]) -> Iterator[Row]:
    """Measure the trainer with the recorder, led by the device and by the host, the floor, and the time of all kernels."""
    trainer = subject(*words, preset=case.preset)
    images = trainer.config.train.batch_size * 1e3
    ours = milliseconds(recorded(trainer, case.steps)) / case.steps
    watched = min(case.steps, WATCHED)
    busy = device_milliseconds(recorded(trainer, watched)) / watched
    least = milliseconds(repeated(Floor.of(trainer.learner).replay(), case.steps)) / case.steps
    yield plain(f"{case.name}: whole trainer", f"{ours:.2f} ms a step, {images / ours:,.0f} images/s")
    if not trainer.config.train.compile:
        led = max(2, case.steps // 10)
        host = milliseconds(recorded(subject(*words, "train.graph=off", preset=case.preset), led)) / led
        yield plain("… launched by the host", f"{host:.2f} ms a step, {images / host:,.0f} images/s")
    yield plain("… floor: one graph of the arithmetic", f"{least:.2f} ms a step, {images / least:,.0f} images/s")
    yield Row(
        name="… trainer over floor, images/s", found=f"{least / ours:.2f}", aim="≥ .85", reached=least / ours >= 0.85
    )
    if busy:
        yield plain("… time of all kernels over that of the step", f"{busy / ours:.0%}")
        share = busy_share(recorded(trainer, case.steps))
        yield Row(name="… GPU busy", found=f"{share:.0%}", aim="≥ 90 %", reached=share >= 0.9)


def repeated(step: Callable[[], object], count: int) -> Callable[[], None]:
    """Return a call that takes `count` steps."""

    def run() -> None:
        for _ in range(count):
            step()

    return run


def milliseconds(run: Callable[[], object]) -> float:
    """Return the time of a call, after a first call that does not count."""
    run()
    synchronize()
    began = time.perf_counter()
    run()
    synchronize()
    return (time.perf_counter() - began) * 1e3


def device_milliseconds(run: Callable[[], object]) -> float:
    """Return how long kernels of a call run on the GPU, from the second call; 0 on a CPU."""
    run()
    synchronize()
    if not torch.cuda.is_available():
        return 0.0
    with profile(activities=[ProfilerActivity.CUDA]) as found:
        run()
        synchronize()
    return float(sum(event.self_device_time_total for event in found.key_averages())) / 1e3


def busy_share(run: Callable[[], object]) -> float:
    """Return the share of the time in which a kernel runs on the GPU, by the driver's counter, during calls for `OBSERVED` seconds."""
    with ThreadPoolExecutor(1) as pool:
        calls = pool.submit(repeated_for, run, OBSERVED)
        time.sleep(OBSERVED / 4)
        shares: list[float] = []
        while not calls.done():
            shares.append(torch.cuda.utilization() / 100)
            time.sleep(0.1)
        calls.result()
    return median(shares)


def repeated_for(run: Callable[[], object], seconds: float) -> None:
    """Call `run` until `seconds` have passed."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        run()


def synchronize() -> None:
    """Wait for the GPU, where there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
