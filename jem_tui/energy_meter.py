"""Electrical energy that the device of a run has used, read from counters of the machine.

GPU: NVML, the energy in millijoules since the driver was loaded. CPU: RAPL of Linux, microjoules of each processor package, which wrap around.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from time import monotonic

MOST_WATTS = 500.0
"""Largest power of a processor package, which bounds the time in which its counter can wrap around."""
RAPL = Path("/sys/class/powercap")

Counter = tuple[float, float]
"""Joules so far, and the joules after which the counter starts at 0 again (infinite for one that does not)."""

_identifiers: dict[str, str] = {}
"""UUIDs of GPUs as NVML has them, by the device as `RunStarted` names it."""


def identify_gpu(device: str, uuid: str) -> None:
    """Let meters of a `device`, as `RunStarted` names it, read the GPU with this UUID; an empty one stands for an unknown GPU.

    The name of a device does not distinguish equal GPUs, and the numbers of GPUs differ between CUDA and NVML.
    """
    _identifiers[device] = uuid


class EnergyMeter:
    """The joules since its creation, as the sum over the counters of a device, which all programs share."""

    def __init__(
        self, device: str, read: Callable[[], list[Counter]] | None = None, now: Callable[[], float] = monotonic
    ) -> None:
        """Begin to measure a `device` as `RunStarted` names it; only a CPU and a GPU that `identify_gpu` has named have counters."""
        self._read = read or reader_of(device)
        self._now = now
        self._at = now()
        self._counters = self._counts()
        self._joules: float | None = 0.0 if self._counters else None

    def total(self) -> float | None:
        """Return the joules up to now; None where there is no counter, or where one may have wrapped around between two calls."""
        if self._joules is None:
            return None
        before, self._counters = self._counters, self._counts()
        passed, self._at = self._now() - self._at, self._now()
        shortest = min((limit for _, limit in before), default=0.0)
        if len(before) != len(self._counters) or passed * MOST_WATTS >= shortest:
            self._joules = None
            return None
        self._joules += sum(map(_used, before, self._counters))
        if not math.isfinite(self._joules):
            self._joules = None
        return self._joules

    def _counts(self) -> list[Counter]:
        try:
            return self._read()
        except Exception:
            # a driver must not end the run that it measures
            return []


def reader_of(device: str) -> Callable[[], list[Counter]]:
    """Return the function that reads the counters of a device; it returns none for a GPU without a known UUID."""
    if uuid := _identifiers.get(device):
        return lambda: read_gpu(uuid)
    return read_packages if device.partition(" ")[0] == "cpu" else list


def read_packages(root: Path = RAPL) -> list[Counter]:
    """Return the counters of all processor packages. Raises OSError where they cannot be read, as often by any user but root."""
    packages = [path for path in sorted(root.glob("intel-rapl:*")) if path.name.count(":") == 1]
    texts = [[(path / name).read_text() for name in ("energy_uj", "max_energy_range_uj")] for path in packages]
    return [(float(energy) / 1e6, float(limit) / 1e6) for energy, limit in texts]


def read_gpu(uuid: str) -> list[Counter]:
    """Return the counter of an NVIDIA GPU. Raises NVMLError."""
    import pynvml

    pynvml.nvmlInit()
    handle = pynvml.nvmlDeviceGetHandleByUUID(uuid)
    return [(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1000, math.inf)]


def _used(before: Counter, after: Counter) -> float:
    """Return the joules between two readings of a counter, which has wrapped around if the second is smaller."""
    (old, limit), (new, _) = before, after
    return new - old if new >= old else new - old + limit
