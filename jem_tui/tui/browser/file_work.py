"""Work on files that can take long: a thread does it, so that the screen answers meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from textual.app import App

from jem_tui.errors import JemError

T = TypeVar("T")


def work_on_files(
    app: App[Any], work: Callable[[], T], then: Callable[[T], None], refused: Callable[[str], None]
) -> None:
    """Run `work` on a thread, then pass its result to `then`, or the sentence of its failure to `refused`, on the event loop.

    The work is completed even if the app exits meanwhile; neither function is called in that case.
    """

    def run() -> None:
        results: list[T] = []
        problem = attempt(lambda: results.append(work()))
        # `call_from_thread` would wait forever if the event loop ended at this moment, and raise here what a screen raises
        call = partial(refused, problem) if problem is not None else partial(then, results[0])
        # RuntimeError: the event loop is closed
        with suppress(RuntimeError):
            app.call_later(call)

    # Not a daemon: a process that exits would otherwise leave a deletion half done
    threading.Thread(target=run, name="jem-files").start()


def attempt(read: Callable[[], T]) -> T | str:
    """Return a result, or the reason why a log cannot be read, in a sentence: one log must not stop the reading of all others."""
    try:
        return read()
    except JemError as error:
        return str(error)
    except Exception as error:
        return f"The files cannot be read ({type(error).__name__}: {' '.join(str(error).split())[:200]})."
