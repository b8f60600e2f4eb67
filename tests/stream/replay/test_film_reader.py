"""Films of chains from a recording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from jem_tui.events.chain_facts import ChainFacts, ChainFilm
from jem_tui.events.commands import InspectChain, Seek
from jem_tui.events.run import Event, Rewound
from jem_tui.stream.log_data.chain_film import MOST_FRAMES, film_of, frame_places
from jem_tui.stream.replay.film_reader import FilmReader
from jem_tui.stream.replay.replayer import Replayer
from tests.stream.stream_events import record
from tests.tui.sources import BATCH, run_started, samples, step_done


def recorded(folder: Path, events: Sequence[Event]) -> Path:
    """Record a run with these events after its start."""
    record(folder, [run_started(), *events])
    return folder


def film_at(replayer: Replayer, step: int, chain: int) -> ChainFilm | None:
    answers: list[ChainFacts] = []
    list(replayer.apply(Seek(step=step)))
    assert list(replayer.apply(InspectChain(chain=chain, answer=answers.append))) == []
    found = answers[0] if answers else None
    assert found is None or isinstance(found, ChainFilm)
    return found


def test_a_film_has_the_recorded_states_of_one_chain_up_to_the_position(tmp_path):
    events = [event for step in range(1, 9) for event in (step_done(step), samples(step, count=6))]
    replayer = Replayer(recorded(tmp_path, events))
    film = film_at(replayer, 5, 2)
    assert film is not None
    assert film.steps == (1, 2, 3, 4, 5)
    assert all(
        np.array_equal(tile, samples(step, 6).tiles[2])
        for step, tile in zip(film.steps, film.states.tiles, strict=True)
    )
    assert film_at(replayer, 8, 2).steps == tuple(range(1, 9))  # type: ignore[union-attr]
    assert film_at(replayer, 3, 5).chain == 5  # type: ignore[union-attr]
    assert film_at(replayer, 3, 6) is None


def test_states_that_a_rollback_makes_void_are_left_out(tmp_path):
    steps = [event for step in range(1, 7) for event in (step_done(step), samples(step, count=3))]
    rewound = Rewound(
        step=3,
        images=3 * BATCH,
        time=7.0,
        from_step=6,
        rate_factor=0.5,
        steps_factor=1.0,
        reseeded=0,
        attempt=1,
        attempts=3,
    )
    again = [step_done(4, at=8.0), replace(samples(4, 3), time=8.0, tiles=np.zeros((3, 28, 28, 1), np.uint8))]
    film = FilmReader().film([*steps, rewound, *again], 1)
    assert film is not None
    assert film.steps == (1, 2, 3, 4)
    assert not film.states.tiles[-1].any()


def test_a_long_film_keeps_its_first_and_newest_states_and_most_places():
    for count in (0, 1, 2, MOST_FRAMES, MOST_FRAMES + 1, 1000, 12_345):
        places = frame_places(count)
        assert len(places) <= MOST_FRAMES
        assert places == sorted(set(places))
        assert (places[:1], places[-1:]) == (([0], [count - 1]) if count else ([], []))
    assert len(set(frame_places(1000)) & set(frame_places(1001))) >= len(frame_places(1000)) - 1


def test_states_of_another_size_are_left_out():
    small = replace(samples(1, 1), tiles=np.zeros((1, 8, 8, 1), np.uint8))
    film = film_of([small, samples(2, 1)], 0)
    assert film is not None
    assert film.steps == (2,)
    assert film_of([], 0) is None
