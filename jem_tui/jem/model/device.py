"""Which processor a run uses, and with how many threads."""

from __future__ import annotations

import os

import torch

from jem_tui.errors import InputError

MOST_THREADS = 8


def choose_device(name: str) -> torch.device:
    """The device of that name; "auto" takes CUDA, else Apple's GPU, else the CPU. Raises InputError if it is not there."""
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = next(candidate for candidate, there in present.items() if there)
    if not present[name]:
        usable = ", ".join(candidate for candidate, there in present.items() if there)
        raise InputError(f"There is no {name} device that torch can use here.", f"Usable: {usable}.")
    return torch.device(name)


def prepare(device: torch.device) -> None:
    """On CUDA, let matrix products and convolutions in single precision round their inputs (TF32), and pick kernels by trial."""
    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True


def choose_threads(asked: int) -> int:
    """As asked, or one less than the cores this process may use: the last one draws the screen.

    Sums over a batch depend on how it was split between threads, so the number must not depend on how busy the machine is.
    """
    if asked:
        return asked
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores - 1, MOST_THREADS))


def device_name(device: torch.device, threads: int) -> str:
    """For the status line: "cpu (1 thread)", or the GPU's own name."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return f"{device.type} ({threads} thread{'s' if threads > 1 else ''})"
