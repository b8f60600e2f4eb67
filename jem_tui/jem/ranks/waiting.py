"""The time for which a rank waits for other ranks during its optimizer steps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import torch


@dataclass(kw_only=True)
class Waiting:
    """Adds up the seconds of the exchanges of all steps, in which a rank that is early waits for the slowest one.

    On CUDA, where the host does not wait, two events around each kind of exchange show its duration in the last step that was read.
    """

    seconds: float = 0.0
    pairs: dict[str, tuple[torch.cuda.Event, torch.cuda.Event]] = field(default_factory=dict)
    """The events before and after each kind of exchange; a CUDA graph records them again in every step."""

    @contextmanager
    def measured(self, kind: str, device: torch.device) -> Iterator[None]:
        """Count the body, which exchanges tensors on `device`."""
        if device.type == "cuda":
            before, after = self.pairs.setdefault(kind, (timing_event(), timing_event()))
            before.record()
            yield
            after.record()
            return
        begin = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - begin

    def read(self, steps: int) -> None:
        """Count the exchanges of `steps` steps on CUDA, which the device has finished, each like those of the last one."""
        # An event that is not recorded yet, or is recorded again by the next steps, has no time.
        with suppress(RuntimeError):
            self.seconds += steps * sum(before.elapsed_time(after) for before, after in self.pairs.values()) / 1000


def timing_event() -> torch.cuda.Event:
    """Return an event that keeps its time when a CUDA graph records it."""
    return torch.cuda.Event(enable_timing=True, external=True)  # type: ignore[no-untyped-call]
