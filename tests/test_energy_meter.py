"""Energy from the counters of a device."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace

from jem_tui.energy_meter import Counter, EnergyMeter, identify_gpu, read_packages, reader_of


def metered(*readings: list[Counter], seconds: float = 1.0) -> list[float | None]:
    """Return a meter over given readings, and the totals after each but the first."""
    rows, clock = iter(readings), (x * seconds for x in range(1000))
    meter = EnergyMeter("cpu", lambda: next(rows), lambda: next(clock))
    return [meter.total() for _ in readings[1:]]


def test_the_energy_of_all_counters_is_added():
    assert metered([(10.0, 1e6), (5.0, 1e6)], [(12.0, 1e6), (5.5, 1e6)], [(13.0, 1e6), (6.0, 1e6)]) == [2.5, 4.0]


def test_a_counter_that_has_wrapped_around_continues():
    assert metered([(99_990.0, 100_000.0)], [(10.0, 100_000.0)]) == [20.0]


def test_the_energy_is_unknown_after_a_time_in_which_a_counter_can_wrap_around():
    assert metered([(0.0, 1000.0)], [(10.0, 1000.0)], [(11.0, 1000.0)], seconds=10.0) == [None, None]


def test_a_counter_that_disappears_or_never_existed_gives_no_energy():
    assert metered([(1.0, 1e6)], []) == [None]
    assert metered([], []) == [None]


def test_a_gpu_counter_that_falls_gives_no_energy():
    assert metered([(100.0, math.inf)], [(5.0, math.inf)]) == [None]


def test_a_driver_that_fails_gives_no_energy():
    def broken():
        raise RuntimeError("no driver")

    assert EnergyMeter("cuda (X)", broken).total() is None


def test_packages_are_read_without_their_parts(tmp_path):
    for name, energy in {"intel-rapl:0": 3_000_000, "intel-rapl:1": 1_000_000, "intel-rapl:0:0": 9_000_000}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "energy_uj").write_text(f"{energy}\n")
        (tmp_path / name / "max_energy_range_uj").write_text("262143000000\n")
    assert read_packages(tmp_path) == [(3.0, 262143.0), (1.0, 262143.0)]


def test_devices_without_counters_have_no_energy():
    assert reader_of("mps (1 thread)")() == [] and reader_of("4 × cuda (NVIDIA H100)")() == []


def test_a_gpu_is_found_by_its_uuid_and_one_without_has_no_energy(monkeypatch):
    joules = {"GPU-1": 1000, "GPU-2": 2000}
    stub = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByUUID=lambda uuid: uuid,
        nvmlDeviceGetTotalEnergyConsumption=joules.__getitem__,
    )
    monkeypatch.setitem(sys.modules, "pynvml", stub)
    monkeypatch.setattr("jem_tui.energy_meter._identifiers", {})
    identify_gpu("cuda (A)", "GPU-2")
    identify_gpu("cuda (Instinct)", "")
    assert reader_of("cuda (A)")() == [(2.0, math.inf)]
    for unknown in ("cuda (B)", "cuda", "cuda:1", "cuda (Instinct)"):
        assert reader_of(unknown)() == []
