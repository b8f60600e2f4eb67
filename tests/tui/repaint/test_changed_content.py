"""Content of widgets that is replaced only by content that looks different."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.widgets import Static

from jem_tui.tui.repaint.changed_content import show_content


@pytest.mark.parametrize(
    ("following", "replaces"),
    [
        (Content.styled("TRAINING", "red"), False),
        (Content.styled("TRAINING", "green"), True),
        (Content("TRAINING"), True),
        (Content.styled("PAUSED", "red"), True),
    ],
)
async def test_content_is_replaced_if_its_text_or_its_styles_differ(following: Content, replaces: bool) -> None:
    widget = Static()

    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield widget

    async with Alone().run_test():
        first = Content.styled("TRAINING", "red")
        show_content(widget, first)
        assert widget.content is first
        show_content(widget, following)
        assert widget.content is (following if replaces else first)
