"""The device that "auto" means."""

from __future__ import annotations

import pytest

from jem_tui.errors import InputError
from jem_tui.jem.model.device import VARIABLE, choose_device


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
