"""The words of keys, which footer, palette and key panel have room for."""

from __future__ import annotations

import pytest

from jem_tui.tui.keys import DETACH, DETACH_OR_STOP, KEYS, LEAVE, RESUME, Key
from jem_tui.tui.keys.conditions import ON_SCREENS
from jem_tui.tui.keys.footer_words import MOST_LETTERS, WORDS
from jem_tui.tui.panes.key_panel import LABEL_COLUMNS

MOST_OF_LABEL = LABEL_COLUMNS - 1
ALL_KEYS = {key.label: key for key in (*KEYS, RESUME, LEAVE, DETACH, DETACH_OR_STOP)}.values()


@pytest.mark.parametrize("key", ALL_KEYS, ids=lambda key: key.id)
def test_label_and_word_of_a_key_fit_where_they_are_displayed(key: Key):
    assert key.label[0].isupper() and key.label[-1] != "."
    assert len(key.label) <= MOST_OF_LABEL
    assert 0 < len(key.word) <= MOST_LETTERS or (key.focus in ON_SCREENS and not key.in_footer)


def test_every_footer_word_belongs_to_a_key():
    assert set(WORDS) <= {key.id for key in KEYS}


def test_adjacent_keys_without_a_focus_differ_in_their_labels():
    labels = [key.label for key in KEYS if not key.focus]
    assert len(set(labels)) == len(labels)
