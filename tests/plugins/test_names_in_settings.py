"""Names of samplers, initial distributions and metrics in the settings of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from torch import Tensor

from jem_tui.config.load import make_config
from jem_tui.errors import InputError
from jem_tui.events.run import Stopped
from jem_tui.jem.sampling.sampler import SamplingTask
from tests.jem.own_code import define
from tests.jem.runs import metrics, run, small_config
from tests.plugins.user_folder import install


def still(task: SamplingTask) -> Iterator[Tensor]:
    for _ in range(task.steps):
        yield task.x


def test_installed_names_stand_for_their_functions(tmp_path, monkeypatch):
    install(tmp_path, "movers", "jem_tui.samplers", gentle="mine:move", sgld="mine:move")
    install(tmp_path, "watchers", "jem_tui.metrics", mean="mine:look")
    monkeypatch.syspath_prepend(str(tmp_path))
    define(monkeypatch, move=still, look=lambda step: step.chains.mean())
    events = run(small_config("sgld.sampler=gentle", "record.metrics=mean", max_steps=2), tmp_path / "run")
    assert [("metric/mean" in each) for each in metrics(events)] == [True, True]
    with pytest.raises(InputError, match=r"sgld.sampler is 'gentel' \(did you mean gentle\?\)"):
        make_config("fast", None, ["sgld.sampler=gentel"])
    with pytest.raises(InputError, match="It can be sgld, mala, underdamped, tempered, gentle, or module:attribute"):
        make_config("fast", None, ["sgld.sampler=odd"])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("sgld.args", "The sampler sgld takes no sgld.args, but friction is set. .* -s sgld.args={} removes them."),
        ("buffer.args", "The initial distribution informative takes no buffer.args, but friction is set."),
    ],
)
def test_arguments_of_what_is_built_in_are_refused(tmp_path, table, sentence):
    events = run(small_config(f"{table}.friction=1"), tmp_path)
    assert isinstance(events[-1], Stopped) and re.match(sentence, events[-1].error)
    removed = make_config("fast", None, [f"{table}.friction=1", f"{table}={{}}"])
    assert removed == make_config("fast")


def test_names_in_a_list_are_checked_one_by_one():
    assert make_config("fast", None, ["record.metrics=mine:a, mine:b,mine:a"]).record.metrics == "mine:a,mine:b"
    with pytest.raises(InputError, match=r"record.metrics is 'mine'"):
        make_config("fast", None, ["record.metrics=mine:a,mine"])
