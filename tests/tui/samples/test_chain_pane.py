"""Properties of a chain with any numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.tui.samples.chain_pane import facts_of
from tests.stream.stream_events import samples


@pytest.mark.filterwarnings("error::RuntimeWarning")
@given(
    confidence=st.floats(width=32),
    energy=st.floats(width=32),
    life=st.lists(st.floats(width=32), max_size=4),
    width=st.integers(8, 60),
)
def test_any_recorded_number_is_displayed(confidence: float, energy: float, life: list[float], width: int):
    found = samples(5)
    count = len(found.tiles)
    odd = replace(found, confidence=np.full(count, confidence, np.float32), energy=np.full(count, energy, np.float32))
    rows = facts_of(odd, 0, ("a", "b"), np.array(life, np.float64), width)
    assert all(row.cell_length <= width for row in rows)
