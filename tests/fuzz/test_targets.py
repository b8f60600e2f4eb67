"""A short run of every fuzz target on its seeds and on random changes of the seeds. Long runs are started by hand."""

from __future__ import annotations

import random
import warnings

import pytest

from tests.fuzz.engine import Session, changed
from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_changes_are_accepted_or_refused_in_a_sentence(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path):
    monkeypatch.setattr("tests.fuzz.engine.FAILURES", tmp_path)
    run, seeds = TARGETS[name]()
    session, chance = Session(name, 0.0), random.Random(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcomes = {session.try_one(run, seed) for seed in seeds}
        for _ in range(25):
            outcomes.add(session.try_one(run, changed(chance, chance.choice(seeds), chance.choice(seeds))))
    assert not session.failures
    assert len(outcomes) > 1, outcomes


def test_a_failure_is_kept_and_counted_once_for_each_place(monkeypatch: pytest.MonkeyPatch, tmp_path, capsys):
    monkeypatch.setattr("tests.fuzz.engine.FAILURES", tmp_path)
    session = Session("broken", 0.0)
    for data in (b"a", b"b"):
        session.try_one(lambda data: data.decode().index("c"), data)
    assert (session.inputs, len(session.failures)) == (2, 1)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"a"]
    assert '"inputs": 2' in session.report()
