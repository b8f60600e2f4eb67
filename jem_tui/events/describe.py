"""One-line descriptions of events and of authored commands, for TensorBoard's text tab and for the console."""

from __future__ import annotations

import math

from jem_tui.events.commands import (
    Adjust,
    Advance,
    Authored,
    EvaluateNow,
    Pause,
    Reseed,
    Resume,
    RollBack,
    SampleNow,
    SaveNow,
    Stop,
    UndoRestart,
)
from jem_tui.events.run import (
    Adjusted,
    Diverged,
    Evaluated,
    Event,
    Note,
    Paused,
    RankStates,
    Resumed,
    Rewound,
    RunStarted,
    SpeedChanged,
    Stopped,
)
from jem_tui.number_text import short_percent, whole_percent
from jem_tui.printable import printable

CHANGING = "changing "
"""First word of a note on a setting that could not be changed; the name of the setting follows."""


def sentence(event: Event) -> str:
    """Describe an event in a few words; return "" for events that hold numbers or images."""
    match event:
        case Note(text=text):
            return text
        case RunStarted(step=0):
            return event.activity + _origin(event)
        case RunStarted(step=step):
            return f"{event.activity} continues from step {step:,}" + (f" on {event.device}" if event.device else "")
        case Evaluated(split=split, scores=scores):
            return f"{split}: " + ", ".join(f"{name} {_score(name, score)}" for name, score in scores.items())
        case Diverged(why=why):
            return f"diverged: {why}"
        case Adjusted(name=name, old=old, new=new):
            return f"{name} {old:.4g} → {new:.4g}"
        case Rewound(from_step=lost, step=step, attempt=0):
            return f"rolled back from step {lost:,} to the checkpoint of step {step:,}"
        case Rewound(from_step=lost, step=step, attempt=attempt, attempts=attempts):
            return f"rolled back from step {lost:,} to {step:,} (try {attempt} of {attempts}): {_changes(event)}"
        case Paused():
            return f"paused at step {event.step:,}"
        case Resumed():
            return f"resumed at step {event.step:,}"
        case SpeedChanged(speed=speed):
            return f"speed {speed:g}×"
        case Stopped(reason="refused" as reason, step=0):
            # A resumed run is refused before its step is known.
            return reason
        case Stopped(reason=reason):
            return f"{reason} at step {event.step:,}"
    return ""


def ranks_sentence(states: RankStates) -> str:
    """Return the number of ranks with their host, or the number of their hosts; "" for a run of one process."""
    if states.size < 2:
        return ""
    hosts = {host for host in states.hosts if host}
    where = f" on {len(hosts):,} hosts" if len(hosts) > 1 else "".join(f" on {host}" for host in hosts)
    return f"{states.size:,} ranks{where}"


def slowest_sentence(states: RankStates) -> str:
    """Return how long the slowest rank waits, compared with the median of all others; "" if all wait about equally long."""
    slowest = states.slowest
    if slowest is None:
        return ""
    others = sorted(share for share in states.waiting if math.isfinite(share))[1:]
    host = f" on {states.hosts[slowest]}" if states.hosts[slowest] else ""
    own, typical = (whole_percent(share) for share in (states.waiting[slowest], others[len(others) // 2]))
    return f"rank {slowest}{host} is the slowest: it waits {own} of the time, the others {typical}"


def attribution(request: Authored) -> str:
    """Return a line that names the author of a command; "" for a command that changes nothing or has no author."""
    author = printable(request.author)
    if not author or isinstance(request.command, SampleNow):
        return ""
    return f"{_request(request)} by {author}"


def _request(request: Authored) -> str:
    match request.command:
        case Pause():
            return "paused"
        case Resume():
            return "resumed"
        case Advance(steps=steps):
            return f"{steps:,} step{'s' if steps != 1 else ''} requested"
        case Stop(save=save):
            return "stopped" if save else "stopped without a checkpoint"
        case Adjust(name=name, increments=increments):
            return f"{printable(name)} {'increased' if increments > 0 else 'decreased'}"
        case Reseed():
            return "restart of chains requested"
        case UndoRestart():
            return "undo of the restart requested"
        case SaveNow():
            return "checkpoint requested"
        case EvaluateNow():
            return "evaluation requested"
        case RollBack():
            return "rollback requested"
    return f"{type(request.command).__name__} requested"


def _origin(event: RunStarted) -> str:
    """Return what is known of the device, the seed and the size of the network; a watched loop states what it likes."""
    known = {
        f" on {event.device}": event.device,
        f", seed {event.seed}": event.seed >= 0 or event.device,
        f", {event.parameters:,} parameters": event.parameters or event.device,
    }
    return "".join(text for text, is_known in known.items() if is_known)


def _changes(event: Rewound) -> str:
    chains = f"{event.reseeded:,} chain{'s' if event.reseeded != 1 else ''} restarted"
    return f"rate × {event.rate_factor:.3g}, K × {event.steps_factor:.3g}, {chains}"


def _score(name: str, score: float) -> str:
    return short_percent(score) if name == "accuracy" and 0 <= score <= 1 else f"{score:.4g}"
