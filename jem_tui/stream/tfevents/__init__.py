"""The bytes of TensorBoard event files: records, their checksums, and events encoded in them.

Knows nothing about folders, runs or other programs' tags; change the on-disk format here and nowhere else.
"""
