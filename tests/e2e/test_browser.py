"""The screen in a headless Chromium; skipped without one."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.e2e.served import Server
from tests.wait_until import PATIENCE

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
RUN = Path(__file__).parents[2] / "results" / "demo"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium"),
    pytest.mark.skipif(not RUN.exists(), reason="no recorded run"),
]


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the link to a replay that is being served."""
    monkeypatch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path))
    server = Server("replay", RUN, "--speed", "200")
    try:
        yield server.link
    finally:
        out, err = server.end()
    assert out == ""
    assert server.link in err and "Anyone with the link has access" in err


def test_a_replay_is_drawn_and_handles_keys(url: str):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 860})
        frames: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(as_bytes(data))))
        page.goto(url)
        wait_for_frame(page, frames, b"ENDED")
        page.keyboard.press("?")
        wait_for_frame(page, frames, b"keys here")
        browser.close()


def test_a_page_of_another_origin_is_refused(url: str):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto("about:blank")
        script = """address => new Promise(done => {
            const socket = new WebSocket(address.replace('http', 'ws').replace('/?', '/ws?'))
            socket.onopen = () => done('open')
            socket.onerror = () => done('refused')
        })"""
        assert page.evaluate(script, url) == "refused"
        browser.close()


def test_a_page_names_the_signal_that_killed_its_program_and_the_end_of_the_server():
    playwright = pytest.importorskip("playwright.sync_api")
    server = Server("replay", RUN)
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page, frames = browser.new_page(), list[bytes]()
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(as_bytes(data))))
        page.goto(server.link)
        wait_for_frame(page, frames, b"REPLAYING")
        (program,) = psutil.Process(server.process.pid).children()
        program.kill()
        wait_for_frame(page, frames, b"killed by SIGKILL")
        message = page.locator(".closed-dialog .message")
        message.get_by_text("Session ended.").wait_for(timeout=1000 * PATIENCE)
        assert page.locator(".closed-dialog button").is_visible()
        server.process.kill()
        message.get_by_text("jem-tui serve has ended. Start it again").wait_for(timeout=1000 * PATIENCE)
        assert page.locator(".closed-dialog button").count() == 0
        browser.close()
    server.end()


def as_bytes(data: str | bytes) -> bytes:
    """Return a frame, which playwright gives as text or bytes, as bytes."""
    return data if isinstance(data, bytes) else data.encode()


def wait_for_frame(page: Page, frames: list[bytes], text: bytes) -> None:
    """Wait until a frame that the browser received contains `text`."""
    deadline = time.monotonic() + PATIENCE
    while not any(text in frame for frame in frames):
        assert time.monotonic() < deadline, f"{text!r} was never drawn"
        page.wait_for_timeout(100)
