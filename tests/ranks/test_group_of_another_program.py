"""Training inside the processes of another program, such as the workers of Ray: its group is used, and its processes continue."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import torch.distributed as dist

from jem_tui.stream.runs.run_dir import read_run_file
from tests.ranks.forked_ranks import finished
from tests.ranks.small_run import WORDS


def train_as_in_ray(words: list[str]) -> None:
    """Create a group, train with it on another thread, and use it again."""
    dist.init_process_group("gloo")
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(trained(words)))
    thread.start()
    thread.join()
    dist.barrier()
    print(f"exit code {codes}, {dist.get_world_size()} ranks continue")


def trained(words: list[str]) -> int:
    """Return the exit code of a command line, as the documentation calls it."""
    from jem_tui.cli.application import app

    code: int = app(words, standalone_mode=False)
    return code


@pytest.mark.slow
def test_the_group_of_another_program_is_used_and_stays(tmp_path: Path):
    run_dir = tmp_path / "run"
    run = finished(tmp_path, *WORDS, "--run-dir", run_dir, "--max-steps", 12, call=train_as_in_ray)
    assert run.printed().count("exit code [0], 2 ranks continue") == 2
    assert run.printed().count("finished at step 12 ·") == 1
    assert read_run_file(run_dir).status == "finished"
