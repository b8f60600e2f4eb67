"""Runs that results are made from: trained once, resumed after an interruption, reused when finished."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jem_tui.errors import InputError, JemError
from jem_tui.run_files import sorted_checkpoints
from jem_tui.stream.runs.run_dir import read_run_file


def jem_tui(*words: object, output: Path | None = None, inside: Path | None = None) -> None:
    """Run the program `inside` a folder with stdout to `output`. Raises JemError unless its exit code is 0."""
    command = [sys.executable, "-m", "jem_tui", *map(str, words)]
    print("$ jem-tui", *command[3:], file=sys.stderr, flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE if output else None, check=False, cwd=inside)
    if result.returncode:
        raise JemError(f"jem-tui {words[0]} ended with exit code {result.returncode}.", "Its last lines say why.")
    if output:
        output.write_bytes(result.stdout)


def trained(run_dir: Path, words: Sequence[object]) -> Path:
    """Return the folder of a finished run of `jem-tui train` with these words; missing steps are trained now."""
    if status(run_dir) == "finished":
        return run_dir
    if sorted_checkpoints(run_dir):
        jem_tui("train", "--no-ui", "--resume", run_dir)
    else:
        shutil.rmtree(run_dir, ignore_errors=True)
        jem_tui("train", "--no-ui", *words, "--run-dir", run_dir)
    if status(run_dir) != "finished":
        raise JemError(f"The run {run_dir} was stopped.", "The same command resumes it.")
    return run_dir


def status(run_dir: Path) -> str:
    """Return how the run ended according to run.json; empty where there is no run."""
    try:
        return read_run_file(run_dir).status
    except InputError:
        return ""
