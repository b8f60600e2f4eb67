"""Steppers: how a trainer gets from one step to the next, led by the host or as CUDA graphs."""
