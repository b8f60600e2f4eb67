"""Use of processor, memory and GPU by the program."""

from __future__ import annotations

import os
from dataclasses import dataclass

MIB, GIB = 2**20, 2**30


@dataclass(frozen=True, slots=True)
class ResourceUsage:
    """Use of the machine between two readings."""

    cpu: float
    """Share of one core since the last reading; 2 means two busy cores."""
    memory: int
    """Bytes of this process in main memory."""
    gpu: float | None = None
    """Share of the time in which the first GPU was busy, for all processes; None without a GPU."""
    gpu_memory: int | None = None
    """Bytes of GPU memory in use by all processes."""


class ResourceMeter:
    """Reads the counters of this process, and of the first NVIDIA GPU."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process(os.getpid())
        # the first call only starts the measurement
        self._process.cpu_percent()
        self._gpu: object | None = None
        self._searched = False

    def read(self) -> ResourceUsage:
        """Return the use since the last call. The first call searches for a GPU, which is too slow for the constructor."""
        import pynvml

        if not self._searched:
            self._searched, self._gpu = True, _first_gpu()
        cpu, memory = self._process.cpu_percent() / 100, int(self._process.memory_info().rss)
        try:
            if self._gpu is not None:
                busy = pynvml.nvmlDeviceGetUtilizationRates(self._gpu).gpu / 100
                return ResourceUsage(cpu, memory, busy, int(pynvml.nvmlDeviceGetMemoryInfo(self._gpu).used))
        except pynvml.NVMLError:
            self._gpu = None
        return ResourceUsage(cpu, memory)


def usage_text(use: ResourceUsage | None) -> str:
    """Format a reading in columns of constant width; empty without a reading."""
    if use is None:
        return ""
    text = f"CPU {use.cpu:4.0%} {_size(use.memory)}"
    if use.gpu is None or use.gpu_memory is None:
        return text
    return f"{text}  GPU {use.gpu:4.0%} {_size(use.gpu_memory)}"


def _size(count: int) -> str:
    """Format a number of bytes in seven columns."""
    return f"{count / MIB:3.0f} MiB" if count < 1000 * MIB else f"{count / GIB:3.1f} GiB".rjust(7)


def _first_gpu() -> object | None:
    """Return a handle of the first GPU; None without a GPU or its driver."""
    import pynvml

    try:
        pynvml.nvmlInit()
        return pynvml.nvmlDeviceGetHandleByIndex(0) if pynvml.nvmlDeviceGetCount() else None
    except pynvml.NVMLError:
        return None
