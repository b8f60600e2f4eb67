"""The program called in the process of the tests, which has imported torch already: for tests of results, not of processes."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest.mock import patch

from jem_tui.cli import main
from tests.cli.handlers import kept_handlers


def call(*args: object, cwd: Path | None = None) -> CompletedProcess[str]:
    """Run `main` with these arguments and return its exit code, stdout and stderr."""
    argv = ["jem-tui", *map(str, args)]
    code: object = None
    with kept_handlers(), patch.object(sys, "argv", argv), chdir(cwd or Path.cwd()), captured() as (out, err):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    assert isinstance(code, int), f"main() ended without an exit code: {code!r}"
    return CompletedProcess(argv, code, written(out), written(err))


def refused_here(*args: object, cwd: Path | None = None) -> str:
    """Return the stderr of a call that must end with exit code 2 and print no result."""
    done = call(*args, cwd=cwd)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert "Traceback" not in done.stderr
    return done.stderr


@contextmanager
def captured() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """Replace stdout and stderr by streams that have an encoding, as those of a process have."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        yield out, err


def written(stream: io.TextIOWrapper) -> str:
    """Return the text that was written to a stream of `captured`."""
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")
