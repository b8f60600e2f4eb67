"""Several sinks as one."""

from __future__ import annotations

from jem_tui.errors import JemError
from jem_tui.events import Event
from jem_tui.stream.drive import Sink


def fan_out(*sinks: Sink) -> Sink:
    """A sink that passes each event to every one in turn; one that fails is reported after the others were served."""

    def pass_on(event: Event) -> None:
        failures: list[JemError] = []
        for sink in sinks:
            try:
                sink(event)
            except JemError as error:
                failures.append(error)
        if failures:
            raise failures[0]

    return pass_on
