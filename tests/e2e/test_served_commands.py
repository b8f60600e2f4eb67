"""Every command with a screen in a tab of the browser, and the refusal of wrong arguments before a page is served."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import psutil
import pytest

from jem_tui.cli.serving.served_command import SERVED
from tests.cli.program import refused
from tests.e2e.served import Server
from tests.e2e.served_tabs import tabs
from tests.wait_until import wait_until

DEMO = Path(__file__).parents[2] / "results" / "demo"

pytestmark = pytest.mark.slow


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two recorded runs."""
    monkeypatch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path / "config"))
    for name in ("first", "second"):
        shutil.copytree(DEMO, tmp_path / "runs" / name)
    return tmp_path / "runs"


def programs_of(server: Server) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children(recursive=True)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["demo"], "You watch a recording"),
        (["compare", "first", "second"], "accuracy"),
        (["draw", "first"], "draw"),
        (["browse"], "second"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
async def test_a_command_shows_its_screen_in_a_tab(runs: Path, words: list[str], text: str):
    server = Server(*[runs / word if word in ("first", "second") else word for word in words], cwd=runs.parent)
    try:
        async with tabs(server, 1) as (tab,):
            await tab.shows(text)
        await asyncio.to_thread(wait_until, lambda: not programs_of(server), "a closed tab left a program behind")
    finally:
        server.process.kill()


async def test_a_run_opened_from_the_browser_is_shown_in_its_tab(runs: Path):
    server = Server("browse", runs)
    try:
        async with tabs(server, 1) as (tab,):
            await tab.shows("second", "order:")
            await tab.resize(140, 40)
            await tab.type("\r")
            await tab.shows("replay of", "40;")
            await tab.type("q")
            await tab.shows("order:")
            await tab.type("\r")
            await tab.shows("replay of")
        await asyncio.to_thread(wait_until, lambda: not programs_of(server), "a closed tab left a program behind")
    finally:
        server.process.kill()


WRONG = {
    "train": ["--no-ui"],
    "attach": ["nowhere"],
    "replay": ["nowhere"],
    "demo": ["--no-tuor"],
    "browse": ["nowhere"],
    "compare": ["nowhere", "nowhere"],
    "draw": ["nowhere"],
}


def test_a_command_with_wrong_arguments_is_refused_before_a_link_is_printed(tmp_path: Path):
    assert WRONG.keys() == SERVED.keys()
    for command, words in WRONG.items():
        assert "http" not in refused("serve", command, *words, cwd=tmp_path)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "--bogus"], "No such option: --bogus"),
        (["train", "-s", "sgld.stesp=3"], "did you mean sgld.steps?"),
        (["train", "--resume", "nowhere"], "nowhere"),
        (["train", "--ranks", "999999"], "999,999 ranks"),
        (["replay", str(DEMO), "--json"], "has no screen to serve"),
        (["replay", str(DEMO), "--speed", "0"], "--speed"),
        (["compare", str(DEMO)], "only one run"),
        (["draw", str(DEMO), "--image", "nothing.png"], "nothing.png"),
        (["eval", str(DEMO)], "cannot be served"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)
def test_the_refusal_names_what_is_wrong(tmp_path: Path, words: list[str], sentence: str):
    assert sentence in refused("serve", *words, cwd=tmp_path)
