"""Text of messages."""

from __future__ import annotations

import pytest

from jem_tui.printable import joined


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")], ids=len
)
def test_names_are_joined_as_in_a_sentence(names: list[str], text: str):
    assert joined(names) == text
