"""`jem-tui train --ranks N`: a launcher of ranks in a process of its own, with the screen of this process on top."""

from __future__ import annotations

import os
import sys

from jem_tui.cli.launched_ranks import DISPLAYED_VARIABLE


def launch_ranks(ranks: int, *, on_screen: bool) -> int:
    """Run the command line of this process on `ranks` ranks, and return the exit code. Without a screen, the launcher replaces this process."""
    words = [sys.executable, "-P", "-m", "jem_tui.launch.elastic_ranks", str(ranks), *sys.argv[1:]]
    if not on_screen:
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, words)
    from jem_tui.cli.watch import show_script
    from jem_tui.launch.script import Script

    script = Script([*words, "--no-ui"], {DISPLAYED_VARIABLE: "1"})
    script.name, script.is_own = f"jem-tui train --ranks {ranks}", True
    return show_script(script)
