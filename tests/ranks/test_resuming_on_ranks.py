"""Runs of several ranks that are saved, killed and resumed, also on another number of ranks."""

from __future__ import annotations

import errno
import io
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from jem_tui import atomic_file
from jem_tui.config.schema import RunConfig
from jem_tui.events.commands import RollBack, SaveNow
from jem_tui.jem.checkpoint.load_checkpoint import load_newest_checkpoint
from jem_tui.jem.ranks.ranks import Ranks
from jem_tui.jem.saved_run.load_run import open_run
from jem_tui.run_files import sorted_checkpoints
from tests.jem.runs import small_config
from tests.ranks.killed_ranks import killed_run
from tests.ranks.on_ranks import on_ranks
from tests.ranks.training import Trained, digest, events_of, opened, report_of, trained

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")
WORDS = (
    "train.batch_size=12",
    "buffer.size=48",
    "buffer.explorers=12",
    "buffer.explorer_share=0.5",
    "data.translate=2",
    "optimizer.decay=none",
)


def config(steps: int, *words: str) -> RunConfig:
    """Return settings of which 1, 2 and 3 ranks hold equal shares."""
    return small_config(*WORDS, *words, max_steps=steps)


def started(ranks: Ranks, settings: RunConfig, run_dir: Path) -> bytes:
    """Return the state of a rank that has resumed a run and taken no step."""
    return packed(opened(ranks, settings, run_dir, resume=True).state_dict())


def packed(state: dict[str, Any]) -> bytes:
    """Return a state as bytes, because tensors in shared memory disappear with the process of their rank."""
    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()


def learners(states: list[bytes]) -> list[dict[str, Any]]:
    """Return the states of the learners of all ranks, with step and recovery of the run."""
    whole = [torch.load(io.BytesIO(state), weights_only=True) for state in states]
    return [{**state["learner"], "step": state["step"], "recovery": state["recovery"]} for state in whole]


def chains_of(states: list[dict[str, Any]], pool: str = "buffer") -> dict[str, torch.Tensor]:
    """Return the chains of all ranks in the order of the ranks."""
    fields = ("x", "label", "age", "reseeds", "far_visits")
    return {name: torch.cat([state["population"][pool][name] for state in states]) for name in fields}


@pytest.mark.parametrize("policy", ["independent", "epoch"])
def test_two_ranks_continue_bit_for_bit_on_two_ranks(tmp_path: Path, policy: str):
    words = (f"buffer.policy={policy}", "record.checkpoint_every=7")
    whole = on_ranks(trained, config(20, *words), tmp_path / "whole")
    first = on_ranks(trained, config(9, *words), tmp_path / "parts")
    names = [path.name for path in sorted_checkpoints(tmp_path / "parts")]
    assert names == ["step_000007", "step_000009"]
    second = on_ranks(trained, config(20, *words), tmp_path / "parts")
    for parts, run in zip(zip(first, second, strict=True), whole, strict=True):
        assert parts[0].metrics + parts[1].metrics == run.metrics
        assert (parts[1].weights, parts[1].chains) == (run.weights, run.chains)


@pytest.mark.parametrize(("before", "after"), [(2, 1), (1, 2), (2, 3)])
def test_a_run_resumes_on_another_number_of_ranks(tmp_path: Path, before: int, after: int):
    on_ranks(trained, config(10), tmp_path, size=before)
    saved = load_newest_checkpoint(tmp_path, CPU)[0]["learner"]
    states = learners(on_ranks(started, config(20), tmp_path, size=after))
    for pool in ("buffer", "explorers"):
        for name, value in chains_of(states, pool).items():
            assert torch.equal(value, saved["population"][pool][name])
    noise = [digest([state["generators"]["noise"]]) for state in states]
    assert len(set(noise)) == after
    for state in states:
        assert state["step"] == 10
        assert torch.equal(state["generators"]["order"], saved["generators"]["order"])
        assert torch.equal(state["batches"]["order"], saved["batches"]["order"])
        assert state["batches"]["position"] == saved["batches"]["position"]
        assert all(torch.equal(state["network"][name], value) for name, value in saved["network"].items())
        assert state["recovery"] == states[0]["recovery"] and len(state["recovery"]["watchdog"]["xe"]) == 10
        moments = state["optimizer"]["state"], saved["optimizer"]["state"]
        assert all(torch.equal(moments[0][n]["exp_avg_sq"], moments[1][n]["exp_avg_sq"]) for n in moments[1])
    ends = on_ranks(trained, config(20), tmp_path, size=after)
    assert len(ends[0].metrics) == 10 and len({end.weights for end in ends}) == 1
    again = learners(on_ranks(started, config(30), tmp_path, size=after))
    assert {state["step"] for state in again} == {20}


def test_evaluation_and_sampling_open_the_run_of_two_ranks(tmp_path: Path):
    settings = config(10)
    states = learners(on_ranks(after_ten_steps, settings, tmp_path))
    run = open_run(settings, tmp_path, "cpu", lambda text, fraction: None)
    assert run.step == 10
    assert torch.equal(run.chains, chains_of(states)["x"].clamp(-1, 1))


def after_ten_steps(ranks: Ranks, settings: RunConfig, run_dir: Path) -> bytes:
    """Return the state of a rank after a run to its end."""
    trainer = opened(ranks, settings, run_dir)
    events_of(trainer, {})
    return packed(trainer.state_dict())


def test_two_ranks_roll_back_to_their_checkpoint_on_request(tmp_path: Path):
    first, second = on_ranks(rolled_back, config(12), tmp_path)
    assert first.kinds == second.kinds and first.weights == second.weights
    assert first.extra["back"] == second.extra["back"] == [4]
    assert first.metrics == second.metrics and len(first.metrics) == 16


def rolled_back(ranks: Ranks, settings: RunConfig, run_dir: Path) -> Trained:
    """Save after step 4 and roll back once after step 8."""
    trainer = opened(ranks, settings, run_dir)
    commands: dict[int, list[Any]] = {4: [SaveNow()], 8: [RollBack()]}
    events = []
    back = []
    for event in events_of(trainer, Once(commands)):
        events.append(event)
        if type(event).__name__ == "Rewound":
            back.append(event.step)
    return report_of(trainer, events, back=back)


class Once(dict[int, list[Any]]):
    """Commands that are applied the first time that their step is reached."""

    def get(self, key: int, default: Any = None) -> Any:
        return self.pop(key, default)


def test_a_rank_that_is_killed_while_it_saves_leaves_the_checkpoint_before(tmp_path: Path):
    words = ("record.checkpoint_every=4",)
    with pytest.raises(AssertionError, match="rank 1: the process has ended"):
        on_ranks(killed_while_saving, config(12, *words), tmp_path)
    assert [path.name for path in sorted_checkpoints(tmp_path)] == ["step_000004"]
    assert len(list((tmp_path / "checkpoints").glob(".step_000008.*.tmp"))) == 1
    ends = on_ranks(trained, config(12, *words), tmp_path)
    whole = on_ranks(trained, config(12, *words), tmp_path / "whole")
    assert [end.weights for end in ends] == [end.weights for end in whole]
    assert not list((tmp_path / "checkpoints").glob(".*"))


def test_a_run_killed_at_a_random_moment_resumes(tmp_path: Path):
    killed_run(tmp_path, 1)


def killed_while_saving(ranks: Ranks, settings: RunConfig, run_dir: Path) -> None:
    """Train until rank 1 is killed in the middle of its file of the second checkpoint."""
    write = atomic_file._write

    def half(path: Path, parts: Any) -> None:
        if "step_000008" in str(path) and ranks.rank == 1:
            path.write_bytes(b"".join(parts)[:1000])
            os.kill(os.getpid(), signal.SIGKILL)
        write(path, parts)

    atomic_file._write = half
    trained(ranks, settings, run_dir)


def test_a_full_disk_of_one_rank_costs_a_warning_and_no_step(tmp_path: Path):
    settings = config(12, "record.checkpoint_every=4")
    first, second = on_ranks(full_disk_on_rank_1, settings, tmp_path / "full")
    whole = on_ranks(trained, settings, tmp_path / "whole")
    assert first.notes == second.notes and first.kinds == second.kinds
    (warning,) = [note for note in first.notes if "Cannot write" in note]
    assert "step_000008 of 2 ranks: No space left on device on rank 1." in warning
    assert [end.weights for end in (first, second)] == [end.weights for end in whole]
    assert [path.name for path in sorted_checkpoints(tmp_path / "full")] == ["step_000004", "step_000012"]


def full_disk_on_rank_1(ranks: Ranks, settings: RunConfig, run_dir: Path) -> Trained:
    """Train while the disk of rank 1 has no space for the second checkpoint."""
    write = atomic_file._write

    def full(path: Path, parts: Any) -> None:
        if "step_000008" in str(path) and ranks.rank == 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, parts)

    atomic_file._write = full
    return trained(ranks, settings, run_dir)


def test_half_precision_saves_space_and_continues_with_close_chains(tmp_path: Path):
    settings = config(10, "record.half_precision=true")
    on_ranks(trained, settings, tmp_path / "half")
    on_ranks(trained, config(10), tmp_path / "single")
    half, single = (load_newest_checkpoint(tmp_path / name, CPU)[0]["learner"] for name in ("half", "single"))
    chains = [state["population"]["buffer"]["x"] for state in (half, single)]
    assert chains[0].dtype == torch.float16
    torch.testing.assert_close(chains[0].float(), chains[1], atol=2**-12, rtol=0)
    assert all(torch.equal(half["network"][name], value) for name, value in single["network"].items())
    ends = on_ranks(trained, config(14), tmp_path / "half")
    assert len(ends[0].metrics) == 4 and ends[0].weights == ends[1].weights
