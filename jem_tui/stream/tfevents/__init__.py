"""The bytes of TensorBoard event files: records, their checksums, and the events encoded in them.

Knows nothing about folders, runs or tags of other programs. The on-disk format is defined here and nowhere else.
"""
