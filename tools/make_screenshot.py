"""Make the README's picture: train with the default settings under the real screen and have the app save it as SVG.

python tools/make_screenshot.py SECONDS docs/screen.svg
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
from pathlib import Path

from jem_tui.cli.train import trainer_opener
from jem_tui.config.load import make_config
from jem_tui.tui.app import JemApp
from jem_tui.tui.state.run_handle import RunHandle, driving

SIZE = (140, 40)


async def picture(seconds: float, target: Path) -> None:
    """Train for `seconds` after the first step and save what the screen shows."""
    config = make_config("fast", None, ["train.seed=1"])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run_dir = Path("runs/first")
        app = JemApp(
            RunHandle(driving(trainer_opener(config, run_dir, False), lambda event: None)),
            label="",
            run_dir=str(run_dir),
        )
        async with app.run_test(size=SIZE) as pilot:
            await asyncio.sleep(seconds)
            await pilot.pause()
            target.write_text(without_fonts(app.export_screenshot(title="jem-tui train")))
            app.exit()


def without_fonts(svg: str) -> str:
    """Remove references to fonts on the network; the reader's own monospaced font is used instead."""
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
    asyncio.run(picture(float(sys.argv[1]), Path(sys.argv[2]).absolute()))
