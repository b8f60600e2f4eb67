"""The screen in a real, headless browser; skipped where there is none."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
RUN = Path(__file__).parents[2] / "results" / "demo"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium"),
    pytest.mark.skipif(not RUN.exists(), reason="no recorded run"),
]


@pytest.fixture
def url(tmp_path, monkeypatch) -> Iterator[str]:
    """The address of a replay that is being served."""
    monkeypatch.setenv("JEM_TUI_CONFIG_DIR", str(tmp_path))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jem_tui", "serve", "--port", str(port), "replay", str(RUN), "--speed", "200"]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        answers(address)
        yield address
    finally:
        server.terminate()
        out, err = server.communicate(timeout=20)
    assert out == ""
    assert address in err and "no login" in err


def answers(address: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=2).read()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the server never answered")


def test_a_replay_is_drawn_and_obeys_keys(url):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 860})
        frames: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(as_bytes(data))))
        page.goto(url)
        comes(page, frames, b"ENDED")
        page.mouse.click(700, 400)
        page.keyboard.press("?")
        comes(page, frames, b"esc closes")
        browser.close()


def test_other_pages_are_refused(url):
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto("about:blank")
        script = """address => new Promise(done => {
            const socket = new WebSocket(address.replace('http', 'ws') + '/ws')
            socket.onopen = () => done('open')
            socket.onerror = () => done('refused')
        })"""
        assert page.evaluate(script, url) == "refused"
        browser.close()


def as_bytes(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def comes(page, frames: list[bytes], text: bytes) -> None:
    deadline = time.monotonic() + 40
    while not any(text in frame for frame in frames):
        assert time.monotonic() < deadline, f"{text!r} was never drawn"
        page.wait_for_timeout(100)
