"""The rendezvous of the ranks in a store of one process."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from torch.distributed import DistNetworkError, HashStore

from jem_tui.errors import InputError, JemError
from jem_tui.jem.ranks import rendezvous
from jem_tui.jem.ranks.rendezvous import rendezvous_store
from tests.ranks.forked_ranks import free_port


def met(store: HashStore, size: int = 3) -> list[str]:
    """Return what each of `size` ranks finds under a key that only rank 0 sets."""
    with ThreadPoolExecutor(size) as threads:
        stores = list(threads.map(lambda rank: rendezvous_store(store, rank, size), range(size)))
    stores[0].set("key", secrets.token_hex(8))
    return [found.get("key").decode() for found in stores]


def test_the_end_of_the_store_before_all_ranks_have_started_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch):
    def broken(condition: object, state: object) -> None:
        raise DistNetworkError("Connection reset by peer")

    monkeypatch.setattr(rendezvous, "_wait", broken)
    for rank in (0, 1):
        with pytest.raises(JemError, match="has ended before all ranks had started"):
            rendezvous_store(HashStore(), rank, 2)


def test_restarted_ranks_share_no_keys_with_the_former_ones():
    store = HashStore()
    first, second = met(store), met(store)
    assert len(set(first)) == len(set(second)) == 1
    assert first != second


def test_ranks_that_do_not_all_start_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rendezvous, "TIMEOUT", 0.05)
    with pytest.raises(InputError, match="0 of the 2 other ranks have started"):
        rendezvous_store(HashStore(), 0, 3)
    with pytest.raises(InputError, match="rank 0 has not started"):
        rendezvous_store(HashStore(), 1, 3)


def test_a_launcher_without_an_answer_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rendezvous, "TIMEOUT", 0.5)
    address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    for name, value in {**address, "RANK": "0", "WORLD_SIZE": "1000000000"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match="The ranks cannot find each other"):
        rendezvous.open_launcher_store()
