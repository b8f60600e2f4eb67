"""The replayer of recorded runs as the source of a screen."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jem_tui.events.run import ReportProgress
    from jem_tui.stream.drive import OpenSource, Source


def replayer_opener(logdirs: Sequence[Path], speed: float, patience: float = math.inf) -> OpenSource:
    """Return the function that builds the replayer on its own thread. A followed run may have no events yet."""

    from jem_tui.printable import printable

    def open_source(report: ReportProgress) -> Source:
        report(printable(f"reading {', '.join(map(str, logdirs))}"), None)
        from jem_tui.stream.reader.log_reader import NoEventsYetError
        from jem_tui.stream.replay.replayer import Replayer

        while True:
            try:
                return Replayer(logdirs, speed, patience=patience)
            except NoEventsYetError as error:
                if math.isinf(patience):
                    raise
                report(f"{error.message} Waiting for the first events.", None)
                time.sleep(patience)

    return open_source
