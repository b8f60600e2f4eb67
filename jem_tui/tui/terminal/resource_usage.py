"""What the program takes of the machine: processor, memory, and the GPU where there is one."""

from __future__ import annotations

import os
from dataclasses import dataclass

import psutil

MIB, GIB = 2**20, 2**30


@dataclass(frozen=True, slots=True)
class ResourceUsage:
    """One reading."""

    cpu: float
    """Of one core since the last reading: 2 is two cores kept busy."""
    memory: int
    """Bytes of this process that are in main memory."""
    gpu: float | None = None
    """Share of the time in which the first GPU was at work for anyone; None without one."""
    gpu_memory: int | None = None
    """Bytes of its memory that anyone uses."""


class ResourceMeter:
    """Reads the counters of this process, and of the first NVIDIA GPU."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._process.cpu_percent()  # the first call only starts the count
        self._gpu: object | None = None
        self._looked = False

    def read(self) -> ResourceUsage:
        """What was used since the last call; the first one looks for a GPU, which is too slow for the first frame."""
        import pynvml

        if not self._looked:
            self._looked, self._gpu = True, _first_gpu()
        cpu, memory = self._process.cpu_percent() / 100, int(self._process.memory_info().rss)
        try:
            if self._gpu is not None:
                busy = pynvml.nvmlDeviceGetUtilizationRates(self._gpu).gpu / 100
                return ResourceUsage(cpu, memory, busy, int(pynvml.nvmlDeviceGetMemoryInfo(self._gpu).used))
        except pynvml.NVMLError:
            self._gpu = None
        return ResourceUsage(cpu, memory)


def usage_text(use: ResourceUsage | None) -> str:
    """A reading in columns that keep their places; empty before the first one."""
    if use is None:
        return ""
    text = f"CPU {use.cpu:4.0%} {_size(use.memory)}"
    if use.gpu is None or use.gpu_memory is None:
        return text
    return f"{text}  GPU {use.gpu:4.0%} {_size(use.gpu_memory)}"


def _size(count: int) -> str:
    """Seven columns."""
    return f"{count / MIB:3.0f} MiB" if count < 1000 * MIB else f"{count / GIB:3.1f} GiB".rjust(7)


def _first_gpu() -> object | None:
    """A handle of it; None without a GPU or its driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
        return pynvml.nvmlDeviceGetHandleByIndex(0) if pynvml.nvmlDeviceGetCount() else None
    except pynvml.NVMLError:
        return None
