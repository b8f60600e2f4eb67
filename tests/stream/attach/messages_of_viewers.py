"""Hypothesis strategies for messages between a run and its viewers."""

from __future__ import annotations

from hypothesis import strategies as st

from jem_tui.events import commands
from jem_tui.events.commands import Command
from jem_tui.events.run import Sampling
from jem_tui.stream.attach.messages import Hello, Join, Message, Ping, Pong, Progress, Refused, Steer

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=20)
_COUNT = st.integers(0, 1 << 40)
_NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)

COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.just(commands.Pause()),
    st.just(commands.Resume()),
    st.builds(commands.Advance, steps=st.integers(1, 1 << 40)),
    st.builds(commands.Stop, save=st.booleans(), reason=st.sampled_from(["stopped", "interrupted"])),
    st.builds(
        commands.Reseed,
        chains=st.lists(st.integers(0, 100_000), max_size=5).map(tuple),
        worst=_COUNT,
        fraction=st.floats(0, 1),
    ),
    st.just(commands.SaveNow()),
    st.just(commands.SampleNow()),
    st.builds(commands.Speed, factor=st.floats(1e-6, 1e9), as_recorded=st.booleans()),
    st.builds(commands.Seek, step=_COUNT),
    st.builds(commands.ShowPictures, tag=_TEXT),
    st.builds(commands.Adjust, name=_TEXT, increments=st.integers(-1000, 1000)),
    st.just(commands.EvaluateNow()),
    st.just(commands.RollBack()),
    st.just(commands.UndoRestart()),
)
"""Every command that a viewer can send."""
_SAMPLING = st.builds(Sampling, step=_COUNT, images=_COUNT, time=st.floats(0, 1e11), k=_COUNT, of=_COUNT)
_PLACES = st.tuples(st.lists(_NAMES, min_size=1, max_size=2).map("/".join), _COUNT)
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.builds(Join, author=_TEXT, view_only=st.booleans()),
    st.builds(Steer, command=COMMANDS),
    st.just(Ping()),
    st.builds(
        Hello,
        program=_TEXT,
        run_id=_TEXT,
        run_dir=_NAMES,
        position=st.lists(_PLACES, max_size=3).map(tuple),
        started=st.binary(max_size=50),
        paused=st.booleans(),
        again=st.booleans(),
    ),
    st.builds(Progress, sampling=_SAMPLING),
    st.builds(Refused, text=_TEXT),
    st.just(Pong()),
)
