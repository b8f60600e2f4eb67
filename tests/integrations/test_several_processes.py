"""Requests that only the first of two processes receives, obeyed by both after the same step."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

pytestmark = pytest.mark.slow

PROCESS = """
import json, os, sys
from pathlib import Path
import torch
from jem_tui.events.commands import Adjust, SaveNow, Stop
from jem_tui.integrations.library_run import LibraryRun

rank, port, folder = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
torch.distributed.init_process_group("gloo", f"tcp://127.0.0.1:{port}", rank=rank, world_size=2)
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
run = LibraryRun()
run.begin({"run_dir": str(folder / "run"), "rank": rank, "total_steps": 100}, model, [optimizer])
send = run._run.send if rank == 0 else lambda command: None
saved, step, stop = [], 0, False
while not stop and step < 50:
    step += 1
    if step == 3:
        send(Adjust(name="optimizer.rate", increments=2))
    if step == 5:
        send(SaveNow())
    if step == 8:
        send(Stop(save=False))
    stop = run.step({"loss": 1.0}, 4, lambda path: saved.append(step), "x.pt")
run.end()
print(json.dumps([step, saved, round(optimizer.param_groups[0]["lr"], 6)]))
"""


def test_both_processes_change_the_rate_save_and_stop_after_the_same_step(tmp_path: Path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [[sys.executable, "-c", PROCESS, str(rank), str(port), str(tmp_path)] for rank in (0, 1)]
    processes = [Popen(each, stdout=PIPE, text=True) for each in words]
    results = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    assert results == [[8, [5], 0.15625], [8, [5], 0.15625]]
    assert (tmp_path / "run/run.json").exists()
