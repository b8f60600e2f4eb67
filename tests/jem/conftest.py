from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import cast

import pytest
import torch
from torch import Tensor

from jem_tui.events.run import Event
from jem_tui.jem.data.datasets import mnist_mini
from jem_tui.jem.evaluation.letters import draw_letters
from jem_tui.jem.evaluation.ood_sets import BUILT_IN, Maker
from tests.jem.runs import run, small_config


@pytest.fixture(scope="session", autouse=True)
def images_made_once() -> Iterator[None]:
    """Cache the digits and the drawn letters, which take a third of the time of a small run."""
    drawn: dict[tuple[bytes, bytes], Tensor] = {}

    def letters(pixels: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        key = pixels.numpy().tobytes(), generator.get_state().numpy().tobytes()
        if key not in drawn:
            drawn[key] = draw_letters(pixels, labels, generator)
        return drawn[key].clone()

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cast(dict[str, Maker], BUILT_IN), "letters", letters)
        patch.setattr("jem_tui.jem.data.datasets.mnist_mini", cache(mnist_mini))
        yield


@pytest.fixture(scope="session")
def straight(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """Return the events of the uninterrupted run that other runs are compared with."""
    return run(small_config(), tmp_path_factory.mktemp("straight"))
