"""A stand-in for `jem-tui train` without torch: its settings decide what it does.

`x.score=S` sets the validation accuracy, `x.end=fail|diverge|wait` how it ends; `wait` waits for a signal, after which it ends as interrupted.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from jem_tui.stream.runs.run_dir import Status, read_run_file, write_run_file
from tests.stream.runs.unfinished_run import RUN

STEPS = 4
ENDS: dict[str, tuple[int, Status]] = {"fail": (1, "failed"), "diverge": (3, "diverged"), "wait": (130, "interrupted")}


def main(words: list[str]) -> int:
    """Train in the folder of `--run-dir`, and return the exit code."""
    folder = Path(words[words.index("--run-dir") + 1])
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    if folder.exists() and read_run_file(folder).status == "finished":
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
    with (folder / "starts").open("a") as starts:
        starts.write("x")
    for step in range(1, STEPS + 1):
        scores = {"accuracy": float(settings.get("x.score", 0.5))}
        print(json.dumps({"event": "Evaluated", "step": step, "split": "validation", "scores": scores}), flush=True)
    end = settings.get("x.end", "")
    while end == "wait" and not stopped:
        time.sleep(0.01)
    code, status = ENDS.get(end, (0, "finished"))
    write_run_file(folder, replace(RUN, config={}, status=status, step=STEPS))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
