"""The installed versions of torch and torchvision, and the devices that torch can use."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from jem_tui.jem.model.device import choose_device


@dataclass(frozen=True, kw_only=True)
class InstalledTorch:
    """Versions and devices."""

    torch: str
    torchvision: str
    devices: tuple[str, ...]
    """Devices by name, the CPU last, such as "cuda:0 NVIDIA H100, 79.1 of 79.6 GB free, bfloat16"."""
    automatic: str
    """The type of the device that `auto` means."""


def installed_torch() -> InstalledTorch:
    """Return what is installed. Raises any error of the imports, such as RuntimeError for a torchvision of another torch."""
    import torchvision

    devices = [cuda_device(number) for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0)]
    if torch.backends.mps.is_available():
        devices.append("mps (Apple)")
    devices.append(f"cpu ({torch.backends.cpu.get_cpu_capability()})")
    return InstalledTorch(
        torch=torch.__version__,
        torchvision=torchvision.__version__,
        devices=tuple(devices),
        automatic=choose_device("auto").type,
    )


def cuda_device(number: int) -> str:
    """Return name, memory and number formats of a CUDA device."""
    free, total = torch.cuda.mem_get_info(number)
    with torch.cuda.device(number):
        formats = "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no bfloat16"
    name = torch.cuda.get_device_name(number)
    return f"cuda:{number} {name}, {free / 1e9:.1f} of {total / 1e9:.1f} GB free, {formats}"
