"""Memory that may still be allocated: on the machine, in containers, and under limits of a shell."""

from __future__ import annotations

import sys

import psutil
import pytest

from jem_tui import machine_memory
from jem_tui.machine_memory import available_memory, room_in_cgroups

GB = 10**9


@pytest.mark.parametrize(
    ("membership", "files", "room"),
    [
        ("0::/", {"memory.max": "max", "memory.current": "5"}, []),
        ("0::/", {"memory.max": f"{4 * GB}", "memory.current": f"{GB}"}, [3 * GB]),
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": "900", "a/memory.current": "500"}, [400]),
        (
            "0::/a",
            {"a/memory.max": "900", "a/memory.current": "500", "a/memory.stat": "anon 7\ninactive_file 300\n"},
            [700],
        ),
        (
            "0::/a",
            {
                "a/memory.max": "900",
                "a/memory.current": "890",
                "a/memory.stat": "active_file 400\nactive_anon 90\ninactive_file 300\nslab_reclaimable 50\n",
            },
            [760],
        ),
        (
            "5:memory:/job",
            {
                "memory/job/memory.limit_in_bytes": "900",
                "memory/job/memory.usage_in_bytes": "890",
                "memory/job/memory.stat": "active_file 1\ntotal_active_file 400\ntotal_inactive_file 300\n",
            },
            [710],
        ),
        ("0::/a", {"a/memory.max": "what", "a/memory.current": ""}, []),
        (
            "5:cpu,memory:/job\n0::/",
            {"memory/job/memory.limit_in_bytes": "900", "memory/job/memory.usage_in_bytes": "100"},
            [800],
        ),
        ("nonsense\n\n:", {}, []),
    ],
)
def test_limits_of_containers_and_jobs_are_found(membership, files, room, tmp_path):
    for name, text in files.items():
        (tmp_path / "groups" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "groups" / name).write_text(text + "\n")
    (tmp_path / "membership").write_text(membership)
    assert list(room_in_cgroups(tmp_path / "groups", tmp_path / "membership")) == room


def test_the_least_room_counts(monkeypatch):
    assert 0 < available_memory() <= psutil.virtual_memory().total
    monkeypatch.setattr(machine_memory, "room_in_cgroups", lambda: iter([7_000, 5_000]))
    assert available_memory() == 5_000
    monkeypatch.setattr(machine_memory, "room_under_limits", lambda: iter([-3]))
    assert available_memory() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a shell")
@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "no /proc/meminfo"), psutil.AccessDenied(), RuntimeError("none")]
)
def test_unknown_memory_refuses_no_run(monkeypatch, error):
    import resource

    def fail(*_):
        raise error

    monkeypatch.setattr(psutil, "virtual_memory", fail)
    monkeypatch.setattr(psutil.Process, "memory_info", fail)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (10**6, -1))
    monkeypatch.setattr(machine_memory, "room_in_cgroups", lambda: iter([]))
    assert available_memory() == sys.maxsize


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a shell")
def test_a_limit_of_the_shell_counts(monkeypatch):
    import resource

    used = psutil.Process().memory_info().vms
    limits = {resource.RLIMIT_AS: (used + 10**6, -1)}
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits.get(kind, unlimited))
    assert available_memory() <= 10**6
