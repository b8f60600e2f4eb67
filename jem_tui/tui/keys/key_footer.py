"""The footer, which lists the keys that can be pressed."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey


class KeyFooter(Footer):
    """A footer whose keys start in the style of the footer, so that each key is styled once."""

    def compose(self) -> ComposeResult:
        for widget in super().compose():
            # a key of Textual starts compact; each change to the style of the footer would match all style rules again
            if isinstance(widget, FooterKey) and not widget.has_class("-command-palette"):
                widget.set_reactive(FooterKey.compact, self.compact)
            yield widget
