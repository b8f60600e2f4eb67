"""The exchange of ranks outside of collective operations, in a store of one process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from torch.distributed import HashStore
from torch.distributed.distributed_c10d import PrefixStore

from jem_tui.errors import DivergenceError, InputError, JemError
from jem_tui.jem.ranks import rank_process, rank_watch
from jem_tui.jem.ranks.rank_process import RankProcess, is_broken_connection
from jem_tui.jem.ranks.rank_store import RankStore, pid_namespace
from jem_tui.jem.ranks.rank_watch import RankWatch
from tests.wait_until import PATIENCE, wait_until


@pytest.fixture
def stores() -> list[RankStore]:
    shared = HashStore()
    ranks = [RankStore(shared, rank, 2) for rank in range(2)]
    for store in ranks:
        store.register()
    return ranks


class Watched:
    """A watch, and what it has called back."""

    def __init__(self, store: RankStore) -> None:
        self.errors: list[JemError] = []
        self.stops = 0
        self.watch = RankWatch(store, self.errors.append, self._stop)
        self.watch.start()

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def watched(stores: list[RankStore], monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Watched]]:
    monkeypatch.setattr(rank_watch, "TICK", 0.005)
    monkeypatch.setattr(rank_watch, "GRACE", 0.05)
    monkeypatch.setattr(rank_watch, "SILENCE_AFTER_BREAK", 0.1)
    monkeypatch.setattr(rank_watch, "EXPLANATION", PATIENCE)
    ranks = [Watched(store) for store in stores]
    yield ranks
    for rank in ranks:
        rank.watch.close()


def test_a_signal_of_any_rank_requests_the_end_on_rank_0_once(watched: list[Watched], stores: list[RankStore]):
    watched[1].watch.interrupted = True
    wait_until(lambda: watched[0].stops == 1, "nothing has been called back")
    before = stores[0].heartbeat_of(0)
    wait_until(lambda: int(stores[0].heartbeat_of(0)) > int(before) + 3, "nothing has been called back")
    assert (watched[0].stops, watched[1].stops) == (1, 0)


def test_the_first_reason_for_an_end_counts_on_all_ranks(watched: list[Watched], stores: list[RankStore]):
    stores[1].abort("refused", "Rank 1: there is no folder.")
    stores[0].abort("failed", "a consequence")
    wait_until(lambda: bool(watched[0].errors), "nothing has been called back")
    assert isinstance(watched[0].errors[0], InputError)
    assert str(watched[0].errors[0]) == "Rank 1: there is no folder."
    assert not watched[1].errors


def test_a_divergence_leaves_rank_0_the_time_to_save(watched: list[Watched], stores: list[RankStore]):
    stores[1].abort("diverged", "Training diverged.")
    before = stores[0].heartbeat_of(0)
    wait_until(lambda: int(stores[0].heartbeat_of(0)) > int(before) + 30, "nothing has been called back")
    assert not watched[0].errors
    abort = stores[0].aborted()
    assert abort is not None
    assert isinstance(abort.error, DivergenceError)


def test_a_rank_without_heartbeats_is_named_after_a_broken_connection(watched: list[Watched], stores: list[RankStore]):
    watched[1].watch.close()
    error = watched[0].watch.explain(RuntimeError("Connection closed by peer"))
    assert str(error).startswith("Rank 1 on ")
    assert "has ended without a message" in str(error)


def test_the_end_of_rank_0_ends_the_wait_of_other_ranks(watched: list[Watched], stores: list[RankStore]):
    stores[0].publish_end(130)
    wait_until(lambda: bool(watched[1].errors), "nothing has been called back")
    assert (stores[1].end(), watched[0].errors) == (130, [])


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_for_which_no_other_waits_leaves_a_lost_store_at_once(
    watched: list[Watched], stores: list[RankStore], monkeypatch: pytest.MonkeyPatch, rank: int
):
    watch = watched[rank].watch

    def resume_too_late() -> None:
        watch._suspended = True
        raise RuntimeError("Connection reset by peer")

    monkeypatch.setattr(stores[rank], "send_heartbeat", resume_too_late)
    wait_until(lambda: watch.store_lost and watched[rank].stops == 1, "the loss was not noticed")
    if rank:
        wait_until(lambda: bool(watched[1].errors), "the rank lingers")
        assert "connection to the other ranks is lost" in str(watched[1].errors[0])
    else:
        assert watch._last_seconds == rank_watch.LAST_STEP, "rank 0 saves"


@pytest.mark.parametrize(
    ("in_wait", "in_store", "seconds"), [(66, 0, "GRACE"), (0, 66, "LAST_STEP"), (0, 0, "LAST_STEP")]
)
def test_a_rank_whose_store_was_slow_has_time_to_save(
    stores: list[RankStore], monkeypatch: pytest.MonkeyPatch, in_wait: float, in_store: float, seconds: str
):
    now = [0.0]

    def lose_store() -> None:
        now[0] += in_store
        raise RuntimeError("Connection reset by peer")

    def wait(timeout: float) -> bool:
        now[0] += in_wait
        return waits.append(timeout) or len(waits) > 1

    waits: list[float] = []
    watch = RankWatch(stores[1], lambda error: None)
    monkeypatch.setattr(rank_watch, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(stores[1], "send_heartbeat", lose_store)
    monkeypatch.setattr(watch, "_closed", SimpleNamespace(wait=wait, is_set=lambda: False))
    watch._run()
    assert waits[1] == getattr(rank_watch, seconds)


@pytest.fixture
def silence() -> float:
    """Seconds without a heartbeat after which a rank that waits counts rank 0 as lost."""
    return PATIENCE


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch, silence: float) -> Iterator[tuple[RankStore, Future[int]]]:
    """The facts as rank 0 sees them, and the exit code for which rank 1 waits."""
    monkeypatch.setattr(rank_watch, "TICK", 0.005)
    monkeypatch.setattr(rank_watch, "GRACE", 0.01)
    monkeypatch.setattr(rank_watch, "SILENCE_AT_END", silence)
    shared = HashStore()
    monkeypatch.setattr(rank_process, "open_launcher_store", lambda: (shared, 1, 2))
    monkeypatch.setattr(rank_process, "rendezvous_store", lambda store, rank, size: store)
    first = RankStore(PrefixStore("facts", shared), 0, 2)
    first.register()
    process = RankProcess()
    with ThreadPoolExecutor(1) as threads:
        yield first, threads.submit(process.await_end)


@pytest.mark.parametrize("failed", [False, True])
def test_a_rank_waits_as_long_as_rank_0_runs(waiting: tuple[RankStore, Future[int]], failed: bool):
    first, code = waiting
    if failed:
        first.abort("failed", "There is no folder.")
    # The screen of rank 0 displays a run that has ended until the user quits.
    for _ in range(40):
        first.send_heartbeat()
        time.sleep(0.02)
    assert not code.done()
    first.publish_end(3)
    assert code.result(PATIENCE) == 3


@pytest.mark.parametrize("silence", [0.5])
def test_a_rank_does_not_wait_for_a_rank_0_without_heartbeats(waiting: tuple[RankStore, Future[int]]):
    _, code = waiting
    assert code.result(PATIENCE) == 1


def test_a_loss_of_rank_0_is_reported_by_one_rank(stores: list[RankStore]):
    stores[1].report_lost(0)
    abort = stores[1].aborted()
    assert abort is not None
    assert (abort.rank, abort.lost, stores[1].reports_loss) == (0, True, True)
    stores[0].report_lost(0)
    assert not stores[0].reports_loss


def test_the_loss_of_the_store_requests_the_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rank_watch, "TICK", 0.005)
    store = RankStore(HashStore(), 0, 2)

    def broken() -> None:
        raise RuntimeError("Connection reset")

    monkeypatch.setattr(store, "send_heartbeat", broken)
    rank = Watched(store)
    wait_until(lambda: rank.stops == 1, "nothing has been called back")
    assert rank.watch.store_lost
    assert "launcher or rank 0 has ended" in str(rank.watch.explain(RuntimeError("gloo")))


def test_texts_of_other_ranks_are_printable_and_bounded(stores: list[RankStore]):
    stores[1].abort("failed", "\x1b[31m" + "x" * 100_000)
    abort = stores[0].aborted()
    assert abort is not None
    assert "\x1b" not in abort.sentence
    assert len(abort.sentence) < 30_000


@pytest.mark.parametrize(
    ("error", "broken"),
    [
        (RuntimeError("[gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:1234"), True),
        (RuntimeError("NCCL communicator was aborted on rank 0."), True),
        (RuntimeError("CUDA out of memory"), False),
        (ValueError("a connection of a network"), False),
    ],
)
def test_broken_connections_are_recognized(error: Exception, broken: bool):
    assert is_broken_connection(error) == broken


def test_the_end_of_a_process_on_this_machine_is_certain(stores: list[RankStore]):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not stores[0].has_ended(1)
    stores[1]._store.set("process/1", f"{pid_namespace()} {ended.pid}")
    assert stores[0].has_ended(1)
    stores[1]._store.set("process/1", f"another-machine {ended.pid}")
    assert not stores[0].has_ended(1)
