"""Exceptions that a user's network raises during training, as errors that name the user's line."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any, TypeVar, cast

from jem_tui.config.recorded_plugins import has_plugins
from jem_tui.errors import JemError
from jem_tui.jem.learner.run_time import timed
from jem_tui.jem.trainer.rank_monitor import counted
from jem_tui.plugins.plugged import PluginError
from jem_tui.plugins.user_code import describe_exception, user_line

Method = TypeVar("Method", bound=Callable[..., Generator[Any, None, None]])


def supervised(method: Method) -> Method:
    """Return a generator method of the trainer as `naming_user_code` does, whose time is measured and whose events the ranks compare."""
    return naming_user_code(counted(timed(method)))


def naming_user_code(method: Method) -> Method:
    """Return a generator method that raises an exception of the run's plug-ins as a PluginError, and all others unchanged.

    The method's object has the settings of the run as `config`.
    """

    @wraps(method)
    def named(self: Any, *given: Any) -> Generator[Any, None, None]:
        try:
            yield from method(self, *given)
        except (Exception, SystemExit) as error:
            if isinstance(error, JemError) or not (has_plugins(self.config) and user_line(error)):
                raise
            raise PluginError(
                f"The run's own code has failed: {describe_exception(error)}.",
                "Checkpoints are intact: repair the code, and continue with --resume.",
                traceback.format_exc(),
            ) from error

    return cast(Method, named)
