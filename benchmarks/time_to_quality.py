"""Seconds of training until accuracies and readable samples: `python -m benchmarks.time_to_quality [DIR]`, full MNIST in DIR/MNIST/raw."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import nn

from benchmarks.interleaved import clock
from benchmarks.report import Row, markdown
from benchmarks.subject import QUIET, subject
from jem_tui.events.run import StepDone
from jem_tui.jem.data.datasets import load_data
from jem_tui.jem.data.image_set import DataSet, hold_out
from jem_tui.jem.evaluation.online import classification_scores
from jem_tui.jem.evaluation.reference_classifier import load_reference
from jem_tui.jem.learner.learner import Learner
from jem_tui.jem.trainer.build import make_split
from jem_tui.jem.trainer.trainer import Trainer

EVERY = 25
"""Training steps between two measurements, whose duration does not count."""
LONGEST = 3000
"""Training steps after which a goal counts as missed."""
READABLE = 0.93
"""Mean confidence of the reference classifier in the replay buffer."""


def goals(trainer: Trainer) -> dict[str, Callable[[], bool]]:
    """Return the goals by name."""
    learner = trainer.learner
    data = load_data(learner.config.data, learner.config.train.seed, lambda text, fraction: None)
    accuracy = accuracy_of(learner, learner.evaluated, data)
    reference = load_reference(data, learner.buffer.x.device, lambda text, fraction: None)

    def confidence() -> float:
        return float(reference.features_and_probabilities(learner.buffer.x[:1000].clamp(-1, 1))[1].amax(1).mean())

    return {
        "validation accuracy 95 %": lambda: accuracy() >= 0.95,
        "validation accuracy 98 %": lambda: accuracy() >= 0.98,
        f"readable samples (confidence {READABLE:.0%})": lambda: confidence() >= READABLE,
    }


def accuracy_of(learner: Learner, network: nn.Module, data: DataSet) -> Callable[[], float]:
    """Return a call that measures the accuracy of a network on images that `learner` does not train on, at most 2,000."""
    _, held_out = hold_out(data.train, learner.config.data.validation, learner.config.train.seed)
    images = make_split(held_out, learner.buffer.x.device, 2000)
    return lambda: classification_scores(network, images.pixels, images.labels)["accuracy"]


def rows(words: Sequence[str], longest: int = LONGEST) -> Iterator[Row]:
    """Measure seconds and steps until each goal, with the usual recipe and in bfloat16."""
    yield from reached(words, longest, "time to")
    yield from reached([*words, "train.precision=bfloat16"], longest, "… in bfloat16 to")


def reached(words: Sequence[str], longest: int, name: str) -> Iterator[Row]:
    """Measure seconds and steps of one recipe until each goal."""
    trainer = subject(*QUIET, *words)
    waiting, events, now = goals(trainer), trainer.events(), clock()
    seconds, began = 0.0, now()
    while waiting and trainer.step < longest:
        if not isinstance(next(events), StepDone) or trainer.step % EVERY:
            continue
        seconds += now() - began
        for goal in [goal for goal, is_reached in waiting.items() if is_reached()]:
            del waiting[goal]
            yield Row(name=f"{name} {goal}", found=f"{seconds:.0f} s, {trainer.step:,} steps")
        began = now()
    yield from (Row(name=f"{name} {goal}", found=f"not in {longest:,} steps") for goal in waiting)


if __name__ == "__main__":
    torch.set_num_threads(1)
    full = ["data.name=mnist", f"data.dir={sys.argv[1]}"] if len(sys.argv) > 1 else []
    print("\n".join(markdown(rows(full))))
