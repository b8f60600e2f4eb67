"""Numbers of examples of property tests that are too costly for the number of the profile."""

from __future__ import annotations

from hypothesis import settings

FAST = 40
"""Examples of a property in the profile `fast`."""


def examples(fast: int) -> int:
    """Return `fast` in the profile `fast`, and proportionally more in a profile of more examples."""
    return max(1, fast * settings().max_examples // FAST)
