"""Random inputs and events on the real screen: nothing raises, the state stays sound, and `q` leaves."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle, driving
from tests.examples import examples
from tests.tui.monkey import INPUTS, SIZES, UNHURRIED, play, play_live, random_inputs

ROOT = Path(__file__).parents[2]


@settings(max_examples=examples(2), **UNHURRIED)
@given(st.lists(INPUTS, min_size=5, max_size=25), st.sampled_from(SIZES[:4]))
def test_no_input_and_no_event_hurts_a_live_run(tmp_path_factory, inputs, size):
    play_live(inputs, tmp_path_factory.mktemp("run"), size)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, pytest.param(2, marks=pytest.mark.exhaustive)])
def test_long_sessions_on_a_live_run_survive(tmp_path, seed):
    play_live(random_inputs(seed, 100), tmp_path, SIZES[seed % 4])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [pytest.param(0, marks=pytest.mark.exhaustive), 2])
def test_long_sessions_on_recordings_survive(tmp_path, recordings, seed):
    paths = (recordings[:1], recordings[1:2], recordings, recordings[::-1])[seed]
    asyncio.run(play(replay_app(paths, tmp_path), None, random_inputs(seed, 80), SIZES[seed % 4]))


def replay_app(paths: list[Path], run_dir: Path) -> JemApp:
    from jem_tui.cli.open_replayer import replayer_opener

    return JemApp(
        RunHandle(driving(replayer_opener(paths, speed=64.0), lambda event: None)), label="replay", run_dir=str(run_dir)
    )


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return copies of a run of ours and of logs of two other programs: random keys save pictures next to them."""
    written_by = ROOT / "tests" / "stream" / "written_by"
    copies = tmp_path_factory.mktemp("recordings")
    logs = (ROOT / "results" / "demo", written_by / "keras", written_by / "lightning")
    return [shutil.copytree(log, copies / log.name) for log in logs]
