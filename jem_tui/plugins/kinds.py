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

    def words(self, name: str) -> str:
        """Return the words of the command line that choose the plug-in `name`."""
        return f"{self.option}{name}" if self.option.endswith("=") else f"{self.option} {name}"


NETWORK = PluginKind(noun="network", group="jem_tui.networks", option="--network", example="mynet:Net")
DATA = PluginKind(noun="data set", group="jem_tui.data", option="--data", example="mydata:load")
METRIC = PluginKind(noun="metric", group="jem_tui.metrics", option="-s record.metrics=", example="mymetrics:spread")
SAMPLER = PluginKind(noun="sampler", group="jem_tui.samplers", option="-s sgld.sampler=", example="mysampler:step")
INITIAL = PluginKind(
    noun="initial distribution", group="jem_tui.initial", option="-s buffer.init=", example="mystarts:draw"
)
