"""Versions, torch and its devices, cores, number formats and memory."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path

from jem_tui.cli.diagnosis.finding import Finding, note, ok, problem
from jem_tui.version import __version__

LEAST_MEMORY = 2_000_000_000
"""Bytes below which training of the smallest networks can fail."""
CPU_FILE = Path("/proc/cpuinfo")
QUOTA_FILE = Path("/sys/fs/cgroup/cpu.max")
NVIDIA_DRIVER = Path("/proc/driver/nvidia/version")
BFLOAT16 = {"amx_bf16": "AMX", "avx512_bf16": "AVX512-BF16"}
"""Units that multiply numbers in bfloat16, by their flags in `/proc/cpuinfo`."""
INSTALL = "Install torch and torchvision together, from the same index."


def machine_findings() -> Iterator[Finding]:
    """Yield the findings about the version, processors and memory."""
    yield ok(
        "version",
        f"jem-tui {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}",
    )
    yield from cores_findings()
    yield bfloat16_finding()
    yield memory_finding()


def torch_findings() -> Iterator[Finding]:
    """Yield the findings about torch, torchvision and the devices; the imports take seconds."""
    try:
        from jem_tui.jem.model.installed_torch import installed_torch

        found = installed_torch()
    # A broken library can raise anything: OSError for a missing CUDA library, RuntimeError for torchvision of another torch.
    except Exception as error:
        yield problem("torch", f"cannot be imported: {type(error).__name__}: {first_line(error)}", INSTALL)
        return
    yield ok("torch", f"{found.torch}, torchvision {found.torchvision}")
    for name in found.devices:
        yield ok("device", f"{name}{', chosen by device auto' if name.startswith(found.automatic) else ''}")
    if NVIDIA_DRIVER.exists() and not any(name.startswith("cuda") for name in found.devices):
        yield note("device", "there is an NVIDIA driver, but torch cannot use it", "Install a torch build with CUDA.")


def cores_findings() -> Iterator[Finding]:
    """Yield the findings about cores and threads."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = quota_of(QUOTA_FILE)
    if quota is not None and quota < cores:
        wanted = max(1, int(quota))
        advice = f"Train with -s train.threads={wanted}; more threads wait for each other."
        yield note("cores", f"{cores}, of which a container may use {quota:g}", advice)
    else:
        yield ok("cores", str(cores))
    if threads := os.environ.get("OMP_NUM_THREADS"):
        text = f"OMP_NUM_THREADS={threads} is set; in a run, train.threads decides"
        yield note("threads", text, "Choose the threads of a run with -s train.threads=N.")


def quota_of(path: Path) -> float | None:
    """Return the processors that the control group may use; None without a limit."""
    try:
        quota, period = path.read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def bfloat16_finding() -> Finding:
    """Return the finding about bfloat16 on the CPU."""
    try:
        flags = set(CPU_FILE.read_text().partition("flags")[2].partition("\n")[0].split())
    except (OSError, UnicodeDecodeError):
        return note("bfloat16", "unknown for this CPU", "Keep train.precision=float32.")
    units = [name for flag, name in BFLOAT16.items() if flag in flags]
    if units:
        return ok("bfloat16", f"fast on this CPU ({', '.join(units)}): -s train.precision=bfloat16 can save time")
    return note("bfloat16", "slow on this CPU, which has neither AMX nor AVX512-BF16", "Keep train.precision=float32.")


def memory_finding() -> Finding:
    """Return the finding about main memory."""
    from jem_tui.machine_memory import available_memory, in_words

    free = available_memory()
    text = f"{in_words(free)} available"
    if free < LEAST_MEMORY:
        return problem("memory", text, "Close other programs: training needs at least 2 GB.")
    return ok("memory", text)


def first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return (str(error).splitlines() or [""])[0]
