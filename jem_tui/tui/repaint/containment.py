"""Parts of the screen that fail alone: each shows a sentence in its own place, and the others stay."""

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
"""Class of a widget whose children are hidden behind its sentence."""
Part = TypeVar("Part", bound=Widget)

TAKES_DATA = ("draw", "show", "show_alone", "describe")
"""Methods that pass a widget the data to draw."""
DRAWING = "drawing"
"""Key of a failure whose method is unknown."""


def contain_failures(part: type[Part]) -> type[Part]:
    """Have a class of widgets survive exceptions of its own methods that take data or render rows.

    After data that it cannot take, the widget shows the sentence until it can; rows are rendered anew with every repaint.
    """
    for name in TAKES_DATA:
        if name in part.__dict__:
            setattr(part, name, _taking(part.__dict__[name]))
    setattr(part, "render_lines", _rendering(part.render_lines))  # noqa: B010
    return part


def show_failure(part: Widget, error: Exception) -> None:
    """Show a sentence in the place of `part`. Raise `error` where nobody keeps its details."""
    _keep(part, DRAWING, _sentence(part, error))


def _taking(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def take(part: Widget, *args: Any, **kwargs: Any) -> Any:
        try:
            result = method(part, *args, **kwargs)
        except Exception as error:
            _keep(part, method.__name__, _sentence(part, error))
            return None
        _keep(part, method.__name__, "")
        if method.__name__ in ("draw", "show"):
            _keep(part, DRAWING, "")
        return result

    return take


def _rendering(method: Callable[[Widget, Region], list[Strip]]) -> Callable[[Widget, Region], list[Strip]]:
    @wraps(method)
    def render_lines(part: Widget, crop: Region) -> list[Strip]:
        if kept := _kept(part):
            return _rows(part, next(iter(kept.values())), crop)
        try:
            return method(part, crop)
        except Exception as error:
            return _rows(part, _sentence(part, error), crop)

    return render_lines


def _kept(part: Widget) -> dict[str, str]:
    """Return the sentences of a part by the name of what failed."""
    kept: dict[str, str] = part.__dict__.setdefault("failures", {})
    return kept


def _keep(part: Widget, name: str, sentence: str) -> None:
    """Keep the sentence of what failed, or forget it where there is none, and repaint if that changes anything."""
    kept = _kept(part)
    if kept.get(name, "") == sentence:
        return
    kept.pop(name, None)
    if sentence:
        kept[name] = sentence
    part.set_class(bool(kept), FAILED)
    part.refresh()


def _sentence(part: Widget, error: Exception) -> str:
    contain: Callable[[Exception], str] | None = getattr(part.app, "contain", None)
    if contain is None:
        raise error
    return contain(error)


def _rows(part: Widget, sentence: str, crop: Region) -> list[Strip]:
    """Return the part of a widget's place that is in `crop`, with the sentence in its middle."""
    try:
        style = part.rich_style
    except Exception:
        style = Style()
    size = part.outer_size
    lines = wrap(sentence, max(1, size.width - 2))[: size.height]
    rows = placeholder_rows("\n".join(lines), size, style)
    blank = [Strip.blank(crop.width, style)] * max(0, crop.bottom - max(len(rows), crop.y))
    return [row.crop(crop.x, crop.right) for row in rows[crop.y : crop.bottom]] + blank
