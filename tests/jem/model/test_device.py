"""The device that "auto" means, and the GPU whose energy is measured."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from jem_tui.errors import InputError
from jem_tui.jem.model.device import VARIABLE, choose_device, measured_device


def test_auto_is_the_device_of_the_environment(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setenv(VARIABLE, "cpu")
    assert choose_device("auto").type == "cpu"
    assert choose_device("cuda").type == "cuda"
    monkeypatch.setenv(VARIABLE, "")
    assert choose_device("auto").type == "cuda"


@pytest.mark.parametrize(("name", "cause"), [("tpu", "names no device: 'tpu'"), ("cuda", "cannot use a cuda device")])
def test_an_unusable_device_of_the_environment_is_refused(name, cause, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setenv(VARIABLE, name)
    with pytest.raises(InputError, match=cause):
        choose_device("auto")


@pytest.mark.parametrize(("hip", "uuid"), [(None, "GPU-b"), ("6.4", "")])
def test_the_energy_of_the_gpu_of_the_device_is_measured(monkeypatch, hip, uuid):
    known: dict[str, str] = {}
    monkeypatch.setattr("jem_tui.energy_meter._identifiers", known)
    monkeypatch.setattr("torch.version.hip", hip)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda device: "H100")
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda device: SimpleNamespace(uuid="ab"[device.index]))
    assert measured_device(torch.device("cuda", 1), 1) == "cuda (H100)"
    assert known == {"cuda (H100)": uuid}
