"""A script as a user would write it, which mypy --strict checks against the package; nothing runs it."""

from __future__ import annotations

import jem_tui
from jem_tui.events import Adjust, Command, Event, Note, Reseed, StepDone, Stopped


def losses(path: str) -> list[float]:
    run: jem_tui.Run = jem_tui.open_run(path)
    curve: jem_tui.Curve = run.curves["JEM/total"]
    energies = [float(event.energy.mean()) for event in run.samples[::2]]
    return [*energies, curve.last, float(curve.values.min()), *run.scores["test"].values()]


def train() -> str:
    command: Command = Adjust(name="sgld.steps", increments=1)
    texts: list[str] = []
    try:
        with jem_tui.train("fast", {"train.max_steps": 3}, run_dir="runs/typed") as training:
            training.send(command)
            for event in training:
                texts.append(described(event))
    except (jem_tui.DivergenceError, jem_tui.InputError) as error:
        texts.append(error.message)
    return "\n".join(texts)


def described(event: Event) -> str:
    match event:
        case StepDone(step=step, metrics=metrics):
            return f"{step}: {metrics['JEM/total']:.3f}"
        case Note(text=text):
            return text
        case Stopped(reason=reason):
            return reason
    return type(event).__name__


def watched(steps: int) -> None:
    rate = 0.1

    def set_rate(new: float) -> None:
        nonlocal rate
        rate = new

    with jem_tui.watch("runs/watched", total_steps=steps, config={"rate": rate}) as run:
        run.knob("rate", get=lambda: rate, set=set_rate, factor=2.0)
        run.on(Reseed, lambda: None)
        for _ in range(steps):
            run.step(images=16, loss=rate)
