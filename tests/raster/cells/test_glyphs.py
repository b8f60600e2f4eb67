from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from jem_tui.raster.cells.glyphs import glyphs_of
from tests.raster.anything import TEXTS, check_rows, row_texts


@given(TEXTS, st.integers(0, 40))
@example("👨‍👩‍👧", 5)
def test_glyphs_of_any_script_take_as_many_cells_as_counted(text, columns):
    glyphs = glyphs_of(text, columns)
    assert len(glyphs) <= columns
    check_rows(row_texts(np.array([glyphs], np.uint32)), len(glyphs), 1)
