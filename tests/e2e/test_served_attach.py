"""One run in several tabs of a browser: each tab steers it, and closing a tab detaches."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.cli.program import refused
from tests.e2e.served import Server
from tests.e2e.served_tabs import tabs
from tests.e2e.watched_loop import WatchedLoop

pytestmark = pytest.mark.slow


async def test_tabs_of_one_run_steer_it_and_closing_them_detaches(tmp_path: Path):
    loop = WatchedLoop(tmp_path / "run")
    server = Server("attach", loop.folder)
    try:
        assert "all tabs show one run" in server.announcement
        async with tabs(server, 2) as (first, second):
            await first.shows("TRAINING", "attached")
            await second.shows("TRAINING", "attached")
            await first.type("p")
            await first.shows("PAUSED")
            await second.shows("PAUSED")
            await first.socket.close()
            await second.type("p")
            await second.shows("TRAINING")
            await second.type("q")
            await second.shows("Detach", "Stop and save")
        assert await asyncio.to_thread(loop.continues)
        out, _ = await asyncio.to_thread(server.end)
        assert out == "" and server.process.returncode == 0
        assert await asyncio.to_thread(loop.continues)
    finally:
        server.process.kill()
        loop.end()


def test_a_run_that_cannot_be_joined_is_refused_before_a_link_is_printed(tmp_path: Path):
    (tmp_path / "run").mkdir()
    assert "http" not in (err := refused("serve", "attach", tmp_path / "run")) and "no live run" in err
    assert "No such option" in refused("serve", "attach", "--wach")
