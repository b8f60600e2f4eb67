"""Containment of exceptions: a widget that fails displays a message in its own area, and other widgets keep working."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from textwrap import wrap
from typing import Any, TypeVar

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from jem_tui.tui.repaint.placeholder import placeholder_rows

FAILED = "-failed"
"""CSS class of a widget that displays a failure in place of its children."""
Part = TypeVar("Part", bound=Widget)

TAKES_DATA = ("draw", "show", "show_alone", "describe")
"""Methods that pass a widget the data to draw."""
DRAWING = "drawing"
"""Key of a failure outside these methods."""


def contain_failures(part: type[Part]) -> type[Part]:
    """Decorate a widget class so that exceptions in methods that take data or render rows do not leave the widget.

    After a failure to take data, the widget displays a message until a later call succeeds; rendering is tried at every repaint.
    """
    for name in TAKES_DATA:
        if name in part.__dict__:
            setattr(part, name, _wrap_take(part.__dict__[name]))
    setattr(part, "render_lines", _wrap_render(part.render_lines))  # noqa: B010
    return part


def show_failure(part: Widget, error: Exception) -> None:
    """Display a failure in the area of `part`. Raise `error` if the app does not record failures."""
    _store_message(part, DRAWING, _message_for(part, error))


def _wrap_take(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def take(part: Widget, *args: Any, **kwargs: Any) -> Any:
        try:
            result = method(part, *args, **kwargs)
        except Exception as error:
            _store_message(part, method.__name__, _message_for(part, error))
            return None
        _store_message(part, method.__name__, "")
        if method.__name__ in ("draw", "show"):
            _store_message(part, DRAWING, "")
        return result

    return take


def _wrap_render(method: Callable[[Widget, Region], list[Strip]]) -> Callable[[Widget, Region], list[Strip]]:
    @wraps(method)
    def render_lines(part: Widget, crop: Region) -> list[Strip]:
        if messages := _messages_of(part):
            return _message_rows(part, next(iter(messages.values())), crop)
        try:
            return method(part, crop)
        except Exception as error:
            return _message_rows(part, _message_for(part, error), crop)

    return render_lines


def _messages_of(part: Widget) -> dict[str, str]:
    """Return the messages of a widget by the name of the failed method."""
    messages: dict[str, str] = part.__dict__.setdefault("failures", {})
    return messages


def _store_message(part: Widget, name: str, message: str) -> None:
    """Store the message of a failed method, or remove it if `message` is empty, and repaint on a change."""
    messages = _messages_of(part)
    if messages.get(name, "") == message:
        return
    messages.pop(name, None)
    if message:
        messages[name] = message
    part.set_class(bool(messages), FAILED)
    part.refresh()


def _message_for(part: Widget, error: Exception) -> str:
    contain: Callable[[Exception], str] | None = getattr(part.app, "contain", None)
    if contain is None:
        raise error
    return contain(error)


def _message_rows(part: Widget, message: str, crop: Region) -> list[Strip]:
    """Return the rows of a widget within `crop`, with the message in the middle of the widget."""
    try:
        style = part.rich_style
    except Exception:
        style = Style()
    size = part.outer_size
    lines = wrap(message, max(1, size.width - 2))[: size.height]
    rows = placeholder_rows("\n".join(lines), size, style)
    blank = [Strip.blank(crop.width, style)] * max(0, crop.bottom - max(len(rows), crop.y))
    return [row.crop(crop.x, crop.right) for row in rows[crop.y : crop.bottom]] + blank
