"""Messages of the page to its program: any text is handled or rejected."""

from __future__ import annotations

import asyncio
import json

from hypothesis import given
from hypothesis import strategies as st

from jem_tui.tui.web.web_session import MalformedError, handle_message


class Page:
    """A page and its tab, which accept every message."""

    async def take(self, *words: object) -> None:
        json.dumps(words)

    send_json = blur = focus = take

    async def send_bytes(self, data: bytes) -> None:
        assert isinstance(data, bytes)

    async def set_terminal_size(self, width: int, height: int) -> None:
        assert 1 <= width <= 1000 and 1 <= height <= 1000


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["width", "height"]) | st.text(), inner),
)

KINDS = st.sampled_from(["stdin", "resize", "ping", "blur", "focus", "other"])

MESSAGES = st.text() | ANYTHING.map(json.dumps) | st.tuples(KINDS, ANYTHING).map(json.dumps)


@given(MESSAGES)
def test_any_message_is_handled_or_rejected(text: str):
    try:
        asyncio.run(handle_message(text, Page(), Page()))
    except MalformedError as error:
        assert "\n" not in str(error)
