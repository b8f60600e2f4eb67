"""Choice of the device and the number of threads."""

from __future__ import annotations

import os

import torch

from jem_tui.energy_meter import identify_gpu
from jem_tui.errors import InputError
from jem_tui.message_text import shown

MOST_THREADS = 8
VARIABLE = "JEM_TUI_DEVICE"
"""Environment variable with the device of runs whose settings leave the choice open."""


def choose_device(name: str) -> torch.device:
    """Return the device of a name. Raises InputError if the device is missing.

    "auto" is the device that the environment variable `JEM_TUI_DEVICE` names, else CUDA, else Apple's GPU, else the CPU.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        name = os.environ.get(VARIABLE) or next(candidate for candidate, there in present.items() if there)
        if name not in present:
            raise InputError(f"{VARIABLE} names no device: {shown(name)}.", f"Set it to one of {', '.join(present)}.")
    if not present[name]:
        usable = ", ".join(candidate for candidate, there in present.items() if there)
        raise InputError(f"torch cannot use a {name} device on this machine.", f"Usable: {usable}.")
    return torch.device(name)


def prepare(device: torch.device) -> None:
    """Enable TF32 for matrix products and convolutions and choose kernels by trial, on CUDA alone."""
    if device.type == "cuda":
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True


def choose_threads(asked: int, processes: int = 1) -> int:
    """Return the configured number of threads, or a share of the available cores but one, since one core draws the screen.

    The cores are shared by the `processes` of a run on this machine.

    Sums over a batch depend on how it was split between threads, so the number must not depend on how busy the machine is.
    """
    if asked:
        return asked
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min((cores - 1) // processes, MOST_THREADS))


def device_name(device: torch.device, threads: int) -> str:
    """Return the device for the status line: "cpu (1 thread)", or the name of the GPU."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return f"{device.type} ({threads} thread{'s' if threads > 1 else ''})"


def measured_device(device: torch.device, threads: int) -> str:
    """Return the name of the device, and let the energy meter of a run with this name find its GPU."""
    name = device_name(device, threads)
    if device.type == "cuda":
        identify_gpu(name, gpu_uuid(device))
    return name


def gpu_uuid(device: torch.device) -> str:
    """Return the UUID of a CUDA device as NVML has it, such as "GPU-1b2c…"; empty for GPUs of other makers than NVIDIA."""
    uuid = getattr(torch.cuda.get_device_properties(device), "uuid", None)
    return f"GPU-{str(uuid).removeprefix('GPU-')}" if uuid is not None and torch.version.hip is None else ""
