"""The Python API of scripts and notebooks: recorded runs as numpy arrays and data frames, and training as an iterator of events.

The public names are also names of `jem_tui`. torch is imported only by `train`; pandas and polars only by the method that returns
their data frame.
"""
