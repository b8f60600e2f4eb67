"""Training runs in the browser: they are saved when their server is terminated or killed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from tests.cli.program import SMALL, setting_words
from tests.e2e.served import Server

WORDS = ["train", *setting_words(*SMALL)]

pytestmark = pytest.mark.slow


def kill(server: Server) -> None:
    """Stop the server by SIGKILL."""
    server.process.kill()
    server.process.communicate()


def terminate(server: Server) -> None:
    """Stop the server by SIGTERM; check that it ends without an error."""
    assert server.end()[0] == ""
    assert server.process.returncode == 0


@pytest.mark.parametrize("end", [kill, terminate])
async def test_a_training_run_is_saved_when_its_server_ends(tmp_path: Path, end: Callable[[Server], None]):
    server = Server(*WORDS, cwd=tmp_path)
    origin = f"http://127.0.0.1:{server.port}"
    async with aiohttp.ClientSession() as browser:
        async with browser.get(server.link) as page:
            assert page.status == 200
        socket = await browser.ws_connect(f"{server.link.replace('/?', '/ws?')}&width=100", headers={"Origin": origin})
        drawn = b""
        while b"TRAINING" not in drawn:
            message = await socket.receive(60)
            drawn += message.data if message.type is aiohttp.WSMsgType.BINARY else b""
        await asyncio.to_thread(end, server)
    run_file = next((tmp_path / "runs").glob("*/run.json"))
    async with asyncio.timeout(30):
        while (content := json.loads(run_file.read_text()))["status"] == "running":
            await asyncio.sleep(0.1)
    assert content["status"] == "interrupted"
    assert (run_file.parent / "checkpoints" / f"step_{content['step']:06d}.pt").exists()
