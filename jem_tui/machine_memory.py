"""Memory that this process may still allocate: on the machine, in its container, and under its limits."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

CGROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
V1_FILES = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file", "total_active_file")
V2_FILES = ("memory.max", "memory.current", "inactive_file", "active_file", "slab_reclaimable")
"""Names of the files with the limit and the use, and of the entries of `memory.stat` with reclaimable memory (cached files)."""


def available_memory() -> int:
    """Return the bytes of main memory that can be allocated before an allocation fails or a process is killed."""
    return max(0, min([room_of_machine(), *room_in_cgroups(), *room_under_limits()]))


def room_of_machine() -> int:
    """Return the bytes that are available on the machine; `sys.maxsize` where that is unknown, as without `/proc`."""
    try:
        return int(psutil.virtual_memory().available)
    except (OSError, RuntimeError, psutil.Error):
        return sys.maxsize


def room_in_cgroups(cgroups: Path = CGROUPS, membership: Path = MEMBERSHIP) -> Iterator[int]:
    """Yield the bytes left in each control group with a limit that the process belongs to."""
    for line in lines_of(membership):
        _, controllers, path = line.split(":", 2) if line.count(":") >= 2 else ("", "none", "")
        if controllers == "":
            yield from rooms_above(cgroups, path, V2_FILES)
        elif "memory" in controllers.split(","):
            yield from rooms_above(cgroups / "memory", path, V1_FILES)


def rooms_above(root: Path, path: str, names: Sequence[str]) -> Iterator[int]:
    """Yield the bytes left in a control group and in all groups that contain it, up to `root`."""
    group = root / path.strip("/")
    for folder in (group, *group.parents):
        if root not in (folder, *folder.parents):
            return
        limit, use = number_in(folder / names[0]), number_in(folder / names[1])
        if limit is not None and use is not None:
            yield limit - use + reclaimable(folder / "memory.stat", names[2:])


def reclaimable(path: Path, names: Sequence[str]) -> int:
    """Return the sum of the entries of `memory.stat` with given names."""
    found = (line.partition(" ") for line in lines_of(path))
    return sum(int(value) for key, _, value in found if key in names and value.isdigit())


def room_under_limits() -> Iterator[int]:
    """Yield the bytes left under the limits of a shell (`ulimit -v`, `ulimit -d`)."""
    if sys.platform == "win32":
        return
    import resource

    for kind, taken in ((resource.RLIMIT_AS, "vms"), (resource.RLIMIT_DATA, "rss")):
        limit = resource.getrlimit(kind)[0]
        if limit != resource.RLIM_INFINITY:
            with suppress(OSError, RuntimeError, psutil.Error):
                yield int(limit - getattr(psutil.Process().memory_info(), taken))


def number_in(path: Path) -> int | None:
    """Return the number in a file; None for `max` and for other text."""
    text = "".join(lines_of(path)).strip()
    return int(text) if text.isdigit() else None


def lines_of(path: Path) -> list[str]:
    """Return the lines of a small file; none if it cannot be read."""
    try:
        return path.read_text().splitlines()
    except (OSError, UnicodeDecodeError):
        return []


def in_words(count: int) -> str:
    """Format a number of bytes in MB or GB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{max(1, count // 10**6):,} MB"
