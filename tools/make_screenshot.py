"""Make the README's picture: the end of the demo on the real screen, as SVG.

python tools/make_screenshot.py docs/screen.svg
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.tui.offscreen import render_offscreen

SIZE = (140, 40)
DEMO = Path("results/demo")
"""Relative to the root of the repository, so that the picture has no path of a machine."""


def picture() -> str:
    """Return the screen at the end of the demo."""
    return without_fonts(render_offscreen(replayer_opener([DEMO], 1.0), "jem-tui demo", SIZE))


def without_fonts(svg: str) -> str:
    """Remove references to fonts on the network; the reader's own monospaced font is used instead."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    Path(sys.argv[1]).write_text(picture(), encoding="utf-8")
