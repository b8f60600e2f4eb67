"""Keys that steer a live run: pause, step, and commands that change its course."""

from __future__ import annotations

from dataclasses import replace

from jem_tui.events.commands import Adjust, Advance, Command, EvaluateNow, Reseed, RollBack, SaveNow, UndoRestart
from jem_tui.tui.keys.key import Key, Need
from jem_tui.tui.keys.setting_words import SETTING_WORDS

PAUSE = Key(
    id="pause",
    keys="p,space",
    action="pause",
    label="Pause",
    tooltip="Pause after the current step, or resume.",
    need="pause",
)
RESUME = replace(PAUSE, label="Resume", tooltip="Resume the run.")
"""`PAUSE` while the run is paused."""
PLAY_AGAIN = replace(PAUSE, label="Play again", tooltip="Play the recording again from its start.")
"""`PAUSE` at the end of a recording."""
SETTINGS = Key(
    id="settings",
    keys="V",
    action="show_settings",
    label="Show settings",
    tooltip="Display the settings of the run, and change those that can be adjusted.",
    need="settings",
    in_footer=False,
)
RECORDED_SETTINGS = replace(SETTINGS, tooltip="Display the settings of the run.")
"""`SETTINGS` where none of them can be changed."""
_K, _SIZE, _RATE = (SETTING_WORDS[name] for name in ("sgld.steps", "sgld.step_size", "optimizer.rate"))
_ADJUSTMENTS: dict[tuple[str, int], tuple[str, str]] = {
    ("sgld.steps", -1): (f"Decrease {_K} by 1", f"Decrease {_K}, the SGLD steps per batch, by 1."),
    ("sgld.steps", 1): (f"Increase {_K} by 1", f"Increase {_K}, the SGLD steps per batch, by 1."),
    ("sgld.step_size", -1): (f"{_SIZE.capitalize()} −20 %", f"Decrease the SGLD {_SIZE} by a fifth."),
    ("sgld.step_size", 1): (f"{_SIZE.capitalize()} +25 %", f"Increase the SGLD {_SIZE} by a quarter."),
    ("optimizer.rate", -1): (f"{_RATE.capitalize()} −20 %", f"Decrease the {_RATE} by a fifth."),
    ("optimizer.rate", 1): (f"{_RATE.capitalize()} +25 %", f"Increase the {_RATE} by a quarter."),
}
"""Label and tooltip by setting and increments; a direction without a key is left out."""


def describe_command(command: Command) -> tuple[str, str]:
    """Return label and tooltip of a command that a key sends. Raises ValueError for a command without a key."""
    match command:
        case Advance(steps=1):
            return "Run one step", "Run exactly one optimizer step, then pause."
        case SaveNow():
            return "Save checkpoint", "Write a checkpoint now."
        case Reseed(worst=worst) if worst:
            return f"Restart worst {worst}", f"Restart the {worst} chains with the highest energy."
        case Reseed(fraction=fraction) if fraction:
            return (
                f"Restart {fraction * 100:.0f} % of chains",
                f"Restart {fraction * 100:.0f} % of the chains, drawn at random.",
            )
        case UndoRestart():
            return "Undo restart", "Undo the last restart of chains, while their earlier states are held."
        case Reseed(chains=()):
            return "Restart all chains", "Restart every chain of the replay buffer from uniform noise."
        case Adjust(name=name, increments=increments) if (name, increments) in _ADJUSTMENTS:
            return _ADJUSTMENTS[name, increments]
        case EvaluateNow():
            return "Evaluate now", "Evaluate on the validation images now."
        case RollBack():
            return "Roll back", "Roll back to the newest checkpoint, after a second press of the key."
    raise ValueError(f"{command} has no key")


def _key(name: str, keys: str, command: Command, need: Need = "adjust", *, in_footer: bool = False) -> Key:
    label, tooltip = describe_command(command)
    return Key(id=name, keys=keys, action=command, label=label, tooltip=tooltip, need=need, in_footer=in_footer)


KEYS: tuple[Key, ...] = (
    PAUSE,
    _key("step", "n", Advance(), "steer", in_footer=True),
    _key("reseed", "r", Reseed(), "reseed", in_footer=True),
    _key("save", "s", SaveNow(), "save", in_footer=True),
    _key("reseed-worst", "w", Reseed(worst=16), "reseed"),
    _key("reseed-some", "W", Reseed(fraction=0.1), "reseed"),
    _key("undo-restart", "U", UndoRestart(), "undo"),
    _key("steps-down", "k", Adjust(name="sgld.steps", increments=-1)),
    _key("steps-up", "K", Adjust(name="sgld.steps", increments=1)),
    _key("step-size-down", "j", Adjust(name="sgld.step_size", increments=-1)),
    _key("step-size-up", "J", Adjust(name="sgld.step_size", increments=1)),
    _key("rate-down", "l", Adjust(name="optimizer.rate", increments=-1)),
    _key("rate-up", "L", Adjust(name="optimizer.rate", increments=1)),
    _key("evaluate", "e", EvaluateNow(), "evaluate"),
    _key("roll-back", "u", RollBack(), "rollback"),
    SETTINGS,
)
