"""Runs that results are made from: trained once, gone on with after an interruption, and left alone when done."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jem_tui.errors import InputError, JemError
from jem_tui.stream.runs.run_dir import read_run_file


def jem_tui(*words: object, output: Path | None = None, inside: Path | None = None) -> None:
    """The program itself, run `inside` a folder; stdout goes to `output`. Raises JemError where it does not end well."""
    command = [sys.executable, "-m", "jem_tui", *map(str, words)]
    print("$ jem-tui", *command[3:], file=sys.stderr, flush=True)
    result = subprocess.run(command, stdout=subprocess.PIPE if output else None, check=False, cwd=inside)
    if result.returncode:
        raise JemError(f"jem-tui {words[0]} ended with exit code {result.returncode}.", "Its last lines say why.")
    if output:
        output.write_bytes(result.stdout)


def trained(run_dir: Path, words: Sequence[object]) -> Path:
    """The folder of a finished run of `jem-tui train` with these words; what is missing of it is trained now."""
    if status(run_dir) == "finished":
        return run_dir
    if list(run_dir.glob("checkpoints/step_*.pt")):
        jem_tui("train", "--no-ui", "--resume", run_dir)
    else:
        shutil.rmtree(run_dir, ignore_errors=True)
        jem_tui("train", "--no-ui", *words, "--run-dir", run_dir)
    if status(run_dir) != "finished":
        raise JemError(f"The run {run_dir} was stopped.", "The same command goes on with it.")
    return run_dir


def status(run_dir: Path) -> str:
    """What run.json says of how the run ended; nothing where there is no run."""
    try:
        return read_run_file(run_dir).status
    except InputError:
        return ""
