"""Steppers, which take the optimizer steps of a trainer on the host or as CUDA graphs on the device."""
