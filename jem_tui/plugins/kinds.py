"""The kinds of plug-ins with their words in messages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PluginKind:
    """A purpose that code of the user can have in a run."""

    noun: str
    """The kind in messages, such as `network`."""
    group: str
    """Group of the entry points of this kind."""
    option: str
    """Words of the command line before a name; the name follows directly after `=`, otherwise after a space."""
    example: str
    """A name of this kind for messages."""
    train_option: str = ""
    """The option of `train`, where only `train` has one; empty where `option` serves all commands."""
    many: bool = False
    """True if a setting names any number of plug-ins, with commas between."""

    def names(self, text: str) -> list[str]:
        """Return the names in the value of a setting, each once."""
        parts = (part.strip() for part in text.split(",")) if self.many else [text]
        return list(dict.fromkeys(part for part in parts if part))

    def words(self, name: str, *, train: bool = False) -> str:
        """Return the words of the command line that choose the plug-in `name`; `train` asks for those of that command."""
        if train and self.train_option:
            return f"{self.train_option} {name}"
        return f"{self.option}{name}" if self.option.endswith("=") else f"{self.option} {name}"


NETWORK = PluginKind(noun="network", group="jem_tui.networks", option="--network", example="mynet:Net")
DATA = PluginKind(noun="data set", group="jem_tui.data", option="--data", example="mydata:load")
METRIC = PluginKind(noun="metric", group="jem_tui.metrics", option="--metric", example="mymetrics:spread", many=True)
SAMPLER = PluginKind(
    noun="sampler",
    group="jem_tui.samplers",
    option="-s sgld.sampler=",
    example="mysampler:move",
    train_option="--sampler",
)
FEATURES = PluginKind(noun="feature function", group="jem_tui.features", option="--features", example="myfid:inception")
INITIAL = PluginKind(
    noun="initial distribution",
    group="jem_tui.initial",
    option="-s buffer.init=",
    example="mystarts:draw",
    train_option="--init",
)
