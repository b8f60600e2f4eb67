from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from jem_tui.jem.saved_run.load_run import OpenedRun, open_run
from tests.jem.evaluation.small_request import silent
from tests.jem.trained import trained_config


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Give torch one thread, because tests run in several processes and small matrices gain nothing from more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def opened(trained_folder: Path) -> OpenedRun:
    """Open the trained run, half of whose fresh chains start as noise."""
    config = trained_config()
    half_noise = replace(config.buffer, init="mixture", uniform_share=0.5)
    return open_run(replace(config, buffer=half_noise), trained_folder, "cpu", silent)
