"""Joint Energy-based Models, trained and watched in the terminal; and the screen for any other training loop.

Public names are imported on first access, so that `import jem_tui` imports neither torch nor Textual nor numpy.
"""

from jem_tui.version import __version__ as __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from jem_tui.api.curve import Curve as Curve
    from jem_tui.api.event_series import EventSeries as EventSeries
    from jem_tui.api.recorded_run import Checkpoint as Checkpoint
    from jem_tui.api.recorded_run import Run as Run
    from jem_tui.api.recorded_run import open_run as open_run
    from jem_tui.api.training import Training as Training
    from jem_tui.api.training import train as train
    from jem_tui.config.load import make_config as make_config
    from jem_tui.config.schema import RunConfig as RunConfig
    from jem_tui.errors import DivergenceError as DivergenceError
    from jem_tui.errors import InputError as InputError
    from jem_tui.errors import JemError as JemError
    from jem_tui.errors import StopTraining as StopTraining
    from jem_tui.events.commands import EvaluateNow as EvaluateNow
    from jem_tui.events.commands import Reseed as Reseed
    from jem_tui.events.commands import RollBack as RollBack
    from jem_tui.events.commands import SampleNow as SampleNow
    from jem_tui.events.commands import SaveNow as SaveNow
    from jem_tui.jem.learner.training_step import TrainingStep as TrainingStep
    from jem_tui.jem.sampling.own_initial_distribution import InitialDraw as InitialDraw
    from jem_tui.jem.sampling.sampler import SamplingTask as SamplingTask
    from jem_tui.watching.watch import watch as watch
    from jem_tui.watching.watched_run import WatchedRun as WatchedRun

__all__ = [
    "Checkpoint",
    "Curve",
    "DivergenceError",
    "EvaluateNow",
    "EventSeries",
    "InitialDraw",
    "InputError",
    "JemError",
    "Reseed",
    "RollBack",
    "Run",
    "RunConfig",
    "SampleNow",
    "SamplingTask",
    "SaveNow",
    "StopTraining",
    "Training",
    "TrainingStep",
    "WatchedRun",
    "__version__",
    "make_config",
    "open_run",
    "train",
    "watch",
]

_MODULES = {
    "Checkpoint": "jem_tui.api.recorded_run",
    "Curve": "jem_tui.api.curve",
    "DivergenceError": "jem_tui.errors",
    "EvaluateNow": "jem_tui.events.commands",
    "EventSeries": "jem_tui.api.event_series",
    "InitialDraw": "jem_tui.jem.sampling.own_initial_distribution",
    "InputError": "jem_tui.errors",
    "JemError": "jem_tui.errors",
    "Reseed": "jem_tui.events.commands",
    "RollBack": "jem_tui.events.commands",
    "Run": "jem_tui.api.recorded_run",
    "RunConfig": "jem_tui.config.schema",
    "SampleNow": "jem_tui.events.commands",
    "SamplingTask": "jem_tui.jem.sampling.sampler",
    "SaveNow": "jem_tui.events.commands",
    "StopTraining": "jem_tui.errors",
    "Training": "jem_tui.api.training",
    "TrainingStep": "jem_tui.jem.learner.training_step",
    "WatchedRun": "jem_tui.watching.watched_run",
    "make_config": "jem_tui.config.load",
    "open_run": "jem_tui.api.recorded_run",
    "train": "jem_tui.api.training",
    "watch": "jem_tui.watching.watch",
}
"""The module of each public name."""


# Hidden from type checkers, for which every misspelled name would otherwise exist
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a public name on first access."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    """Return the public names together with those that are already imported."""
    return sorted({*globals(), *__all__})
