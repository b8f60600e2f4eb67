"""The trainers of a run on several ranks: that of rank 0 receives the calls, which the others repeat."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError, JemError
from jem_tui.events.run import ReportProgress
from jem_tui.jem.model.device import choose_device
from jem_tui.jem.ranks.calls import BroadcastCalls
from jem_tui.jem.ranks.join import device_of_rank, join_ranks
from jem_tui.jem.ranks.mirrored_source import MirroredSource, follow
from jem_tui.jem.ranks.rank_process import RankProcess
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.ranks.source_on_thread import SourceOnThread
from jem_tui.jem.trainer.build import open_trainer
from jem_tui.jem.trainer.run_plan import RunPlan, parse_plan
from jem_tui.run_files import SHARED_FILE_PREFIX

VISIBLE_WITHIN = 3.0
"""Seconds in which a new file must become visible on all machines."""
STALE = 3600.0
"""Seconds after which the shared file of a start is one of ranks that were killed."""


def open_on_rank_0(
    process: RankProcess,
    config: RunConfig,
    run_dir: Path,
    resume: bool,
    report: ReportProgress,
    known: Callable[[], Mapping[str, Any] | None],
) -> SourceOnThread:
    """Return the source of rank 0, with the arguments of `open_trainer`, once all ranks have joined and see the run folder.

    `known` returns the recorded figures on the data of a resumed run, or raises InputError.
    """

    def build() -> MirroredSource:
        report("joining the other ranks", None)
        absolute = run_dir.absolute()
        shared_file = new_shared_file(absolute)
        plan = RunPlan(config=config, run_dir=absolute, resume=resume, known=known(), shared_file=shared_file)
        process.store.publish_plan(plan.to_json())
        ranks = _joined(plan, process)
        trainer = open_trainer(config, run_dir, resume, report, plan.known, ranks)
        return MirroredSource(trainer, BroadcastCalls(ranks))

    lead = process.call(build)
    return SourceOnThread(lead.events, lead.apply, process.call)


def train_on_other_rank(process: RankProcess) -> None:
    """Train on a rank other than 0 until rank 0 ends the run."""
    text = process.await_plan()
    if not text:
        return

    def work() -> None:
        plan = parse_plan(text)
        ranks = _joined(plan, process)
        trainer = open_trainer(plan.config, plan.run_dir, plan.resume, _unreported, plan.known, ranks)
        follow(trainer, BroadcastCalls(ranks))

    process.call(work)


def _unreported(text: str, fraction: float | None) -> None:
    """Ignore a report, because rank 0 makes it, too."""


def _joined(plan: RunPlan, process: RankProcess) -> Ranks:
    """Join the ranks. Raises InputError unless all of them see the run folder, and JemError if rank 0 cannot write there."""
    ranks = join_ranks(device_of_rank(choose_device(plan.config.train.device)), store=process.keys)
    with _existing(plan) if ranks.rank == 0 else nullcontext():
        refuse_unshared(plan, ranks)
    return ranks


def refuse_unshared(plan: RunPlan, ranks: Ranks) -> None:
    """Raise InputError on all ranks unless all of them see the file that rank 0 has created."""
    seen = [row[0] for row in ranks.numbers(_is_visible(plan.shared_file))]
    if not all(seen):
        blind = ", ".join(str(rank) for rank, sees in enumerate(seen) if not sees)
        raise InputError(
            f"The folder {plan.shared_file.parent} of rank 0 is not visible on rank {blind}.",
            "Choose a --run-dir on a file system that all machines share.",
        )


def _is_visible(path: Path) -> bool:
    deadline = time.monotonic() + VISIBLE_WITHIN
    while not path.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def new_shared_file(run_dir: Path) -> Path:
    """Return a new name in the run folder, or in the nearest folder above it that exists, and remove the files of ranks that were killed."""
    nearest = next(folder for folder in (run_dir, *run_dir.parents) if folder.is_dir())
    with suppress(OSError):
        for stale in nearest.glob(f"{SHARED_FILE_PREFIX}*"):
            if time.time() - stale.lstat().st_mtime > STALE:
                stale.unlink()
    return nearest / f"{SHARED_FILE_PREFIX}{secrets.token_hex(4)}"


@contextmanager
def _existing(plan: RunPlan) -> Iterator[None]:
    """Let the shared file of a plan exist during the body. Raises JemError where that is impossible."""
    try:
        plan.shared_file.touch(exist_ok=False)
    except OSError as error:
        raise JemError(
            f"The run cannot be recorded in {plan.run_dir}: {error.strerror}.",
            "Check the free space, or choose another folder with --run-dir.",
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):
            plan.shared_file.unlink()
