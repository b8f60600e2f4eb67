"""Ranks of a run as processes of a test, which exchange tensors through gloo."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, TypeVar

from jem_tui.jem.ranks.ranks import Ranks

Result = TypeVar("Result")

DEADLINE = 60.0
"""Seconds after which ranks are killed."""
PRELOADED = ["jem_tui.jem.trainer.build", "jem_tui.stream.drive", "tests.jem.runs"]
"""Modules that are imported once, in the process from which ranks are forked."""


def on_ranks(
    function: Callable[..., Result], *arguments: Any, size: int = 2, deadline: float = DEADLINE
) -> list[Result]:
    """Return what `function(ranks, *arguments)` returns on each of `size` ranks, each in a process of its own.

    The function must be one of a module; its arguments and results are pickled. An exception on any rank, or ranks that take
    longer than `deadline` seconds, raise AssertionError with the tracebacks of all ranks that failed.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with tempfile.TemporaryDirectory() as folder:
        ends = [context.Pipe(duplex=False) for _ in range(size)]
        processes = [
            context.Process(target=_rank, args=(number, size, str(Path(folder) / "store"), sender, function, arguments))
            for number, (_, sender) in enumerate(ends)
        ]
        for process in processes:
            process.start()
        for _, sender in ends:
            sender.close()
        try:
            return _collected([receiver for receiver, _ in ends], deadline)
        finally:
            for process in processes:
                process.kill()
                process.join()


def _collected(receivers: list[Connection], deadline: float) -> list[Any]:
    """Return the result of each rank. Raises AssertionError if a rank has failed or takes longer than `deadline` seconds."""
    until = time.monotonic() + deadline
    answers: dict[int, tuple[bool, Any]] = {}
    while len(answers) < len(receivers):
        waiting = {receiver: rank for rank, receiver in enumerate(receivers) if rank not in answers}
        ready = wait(list(waiting), max(0.0, until - time.monotonic()))
        if not ready:
            answers |= dict.fromkeys(waiting.values(), (False, f"no answer within {deadline:g} s"))
        for receiver in ready:
            assert isinstance(receiver, Connection)
            try:
                answers[waiting[receiver]] = receiver.recv()
            except EOFError:
                answers[waiting[receiver]] = (False, "the process has ended")
        if any(not good for good, _ in answers.values()):
            # The other ranks fail soon, because they wait for a rank that has ended.
            until = min(until, time.monotonic() + 5)
    failed = [f"rank {rank}: {answers[rank][1]}" for rank in sorted(answers) if not answers[rank][0]]
    assert not failed, "\n".join(failed)
    return [answers[rank][1] for rank in range(len(receivers))]


def _rank(
    number: int, size: int, store: str, sender: Connection, function: Callable[..., object], arguments: tuple[Any, ...]
) -> None:
    """Join the ranks, call the function and send its result or the traceback of its exception."""
    import torch
    import torch.distributed as dist
    from torch._C._distributed_c10d import FileStore

    from jem_tui.jem.ranks.join import join_ranks

    torch.set_num_threads(1)
    try:
        dist.init_process_group("gloo", store=FileStore(store, size), rank=number, world_size=size)
        ranks: Ranks = join_ranks(torch.device("cpu"))
        sender.send((True, function(ranks, *arguments)))
    except BaseException:
        sender.send((False, traceback.format_exc()))
