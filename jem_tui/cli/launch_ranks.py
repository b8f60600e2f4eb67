"""`jem-tui train --ranks N`: the launcher of the ranks, in place of this process or as a script below its screen."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from jem_tui.cli.launched_ranks import DISPLAYED_VARIABLE

if TYPE_CHECKING:
    from jem_tui.launch.script import Script


def become_launcher(ranks: int) -> NoReturn:
    """Replace this process by the launcher of `ranks` ranks, each of which runs the command line of this process."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, launcher_words(ranks))


def launcher_script(ranks: int) -> Script:
    """Start the launcher of `ranks` ranks as a script, whose run a screen can display."""
    from jem_tui.launch.script import Script

    script = Script([*launcher_words(ranks), "--no-ui"], {DISPLAYED_VARIABLE: "1"})
    script.name, script.is_own = f"jem-tui train --ranks {ranks}", True
    return script


def launcher_words(ranks: int) -> list[str]:
    """Return the command that starts the launcher."""
    return [sys.executable, "-P", "-m", "jem_tui.launch.elastic_ranks", str(ranks), *sys.argv[1:]]
