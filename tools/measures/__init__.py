"""Measures of the source tree that `tools/house.py` prints: rooms, sizes, docstrings, vocabulary, repetition."""
