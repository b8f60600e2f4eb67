"""Any training loop as a run: recorded, displayed and steered like a training run of this program.

The loop stays that of the user, who calls `WatchedRun.step` after each step. No module here imports torch or Textual.
"""
