"""Joint Energy-based Models, trained and watched in the terminal; and the screen for any other training loop.

Public names are imported on first access, so that `import jem_tui` imports neither torch nor Textual nor numpy.
"""

from jem_tui.version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jem_tui.errors import StopTraining as StopTraining
    from jem_tui.events.commands import EvaluateNow as EvaluateNow
    from jem_tui.events.commands import Reseed as Reseed
    from jem_tui.events.commands import RollBack as RollBack
    from jem_tui.events.commands import SampleNow as SampleNow
    from jem_tui.events.commands import SaveNow as SaveNow
    from jem_tui.jem.learner.training_step import TrainingStep as TrainingStep
    from jem_tui.jem.sampling.own_starts import InitialDraw as InitialDraw
    from jem_tui.jem.sampling.sampler import SamplingTask as SamplingTask
    from jem_tui.watching.watch import watch as watch
    from jem_tui.watching.watched_run import WatchedRun as WatchedRun

__all__ = [
    "EvaluateNow",
    "InitialDraw",
    "Reseed",
    "RollBack",
    "SampleNow",
    "SamplingTask",
    "SaveNow",
    "StopTraining",
    "TrainingStep",
    "WatchedRun",
    "__version__",
    "watch",
]

_MODULES = {
    "EvaluateNow": "jem_tui.events.commands",
    "InitialDraw": "jem_tui.jem.sampling.own_starts",
    "Reseed": "jem_tui.events.commands",
    "RollBack": "jem_tui.events.commands",
    "SampleNow": "jem_tui.events.commands",
    "SamplingTask": "jem_tui.jem.sampling.sampler",
    "SaveNow": "jem_tui.events.commands",
    "StopTraining": "jem_tui.errors",
    "TrainingStep": "jem_tui.jem.learner.training_step",
    "WatchedRun": "jem_tui.watching.watched_run",
    "watch": "jem_tui.watching.watch",
}
"""The module of each public name."""


def __getattr__(name: str) -> object:
    """Import a public name on first access."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """Return the public names together with those that are already imported."""
    return sorted({*globals(), *__all__})
