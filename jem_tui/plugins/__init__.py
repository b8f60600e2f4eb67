"""Code of the user in a run or its evaluation: networks, data, metrics, samplers, initial distributions and features that this program does not contain.

A setting names such code in one of two ways:

- `module:attribute`, such as `mynet:Net`. The working directory is importable, as with `python -m`. A dotted attribute is
  looked up step by step.
- the name of an entry point that an installed package declares in the group of the kind, for example
  `[project.entry-points."jem_tui.networks"]` with `mine = "mynet:Net"`.

Built-in names take precedence. `resolve_plugin(kind, name)` returns the object, which can be called; every failure is an
`InputError` of one sentence with the cause, and with file and line where code of the user has raised.

| Kind | Group of entry points | Called with |
|---|---|---|
| `NETWORK` | `jem_tui.networks` | `(shape, classes, **network.args)`; returns a `torch.nn.Module` from images (n, channels, height, width) in [−1, 1] to logits (n, classes) |
| `DATA` | `jem_tui.data` | `(**data.args)`; returns `(train, test)` or `(train, test, validation)` |
| `METRIC` | `jem_tui.metrics` | `(TrainingStep)` after each step; returns a number, numbers by name, or None (`jem/learner/own_metrics.py`) |
| `SAMPLER` | `jem_tui.samplers` | `(SamplingTask, **sgld.args)` for each batch; yields the chains after each of K steps (`jem/sampling/sampler.py`) |
| `FEATURES` | `jem_tui.features` | `(uint8 images)` in `eval --features`; returns features (n, d), or features and logits (`jem/evaluation/own_features.py`) |
| `INITIAL` | `jem_tui.initial` | `(InitialDraw, **buffer.args)`; returns the first states of chains (`jem/sampling/own_initial_distribution.py`) |

Trust: `module:attribute` names that only a run folder contains are not imported (`refuse_unrepeated`), because a folder from
elsewhere must not choose what runs. Entry points are installed deliberately, so their names are trusted.
"""

from jem_tui.plugins.kinds import DATA, FEATURES, INITIAL, METRIC, NETWORK, SAMPLER, PluginKind
from jem_tui.plugins.resolve import entry_names, names_code, resolve_plugin
from jem_tui.plugins.trust import PluginUse, refuse_others, refuse_unrepeated

__all__ = [
    "DATA",
    "FEATURES",
    "INITIAL",
    "METRIC",
    "NETWORK",
    "SAMPLER",
    "PluginKind",
    "PluginUse",
    "entry_names",
    "names_code",
    "refuse_others",
    "refuse_unrepeated",
    "resolve_plugin",
]
