"""An engine that feeds inputs to a function: atheris where it is installed, random changes of the seeds otherwise."""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import random
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

FAILURES = Path("fuzz-failures")
SLOW = 5.0
"""Seconds that no small input may take."""
HANGS = 60
"""Seconds after which the process shows where it is and ends."""
MOST_BYTES = 20_000
MOST_KEPT = 2000
"""Inputs that random changes start from."""
TOKENS = (
    *(b"0", b"-1", b"1e999", b"NaN", b"null", b"true", b"[]", b"{}", b'""', b"9" * 400, b"0x" + b"f" * 999),
    *(
        b"\x00",
        b"\xff",
        b"\xff\xff\xff\xff",
        b"\x80",
        b"\n",
        b'"',
        b"[",
        b"{",
        b":",
        b"=",
        b".",
        b"[" * 2000,
        b"\xed\xa0\x80",
    ),
)

Run = Callable[[bytes], object]


class Session:
    """One fuzzing of one target: how many inputs, and which failed."""

    def __init__(self, name: str, seconds: float) -> None:
        self.name = name
        self.inputs = 0
        self.failures: dict[str, str] = {}
        """File of the first failing input by the place of failure."""
        self._began = time.monotonic()
        self._seconds = seconds

    @property
    def is_over(self) -> bool:
        """True once the time is up."""
        return time.monotonic() - self._began >= self._seconds

    def begin(self) -> None:
        """Start the clock, once everything is imported."""
        self._began = time.monotonic()

    def try_one(self, run: Run, data: bytes) -> str:
        """Run one input, and return its outcome in a word that is equal for inputs of equal outcome."""
        began = time.monotonic()
        faulthandler.dump_traceback_later(HANGS, exit=True, file=sys.__stderr__ or sys.stderr)
        try:
            outcome = str(run(data))
        except Exception as error:
            outcome = self._fail(error, data)
        finally:
            faulthandler.cancel_dump_traceback_later()
        if time.monotonic() - began > SLOW:
            outcome = self._keep(f"slower than {SLOW:.0f} s", data)
        self.inputs += 1
        return outcome

    def report(self) -> str:
        """Return the result as a JSON object."""
        seconds = time.monotonic() - self._began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return json.dumps(
            {
                "target": self.name,
                "inputs": self.inputs,
                "seconds": round(seconds),
                "peak_mb": peak,
                "failures": self.failures,
            }
        )

    def _fail(self, error: Exception, data: bytes) -> str:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        if place not in self.failures:
            traceback.print_exception(error, file=sys.stderr)
        return self._keep(place, data)

    def _keep(self, place: str, data: bytes) -> str:
        if place not in self.failures:
            FAILURES.mkdir(exist_ok=True)
            path = FAILURES / f"{self.name}-{hashlib.sha256(data).hexdigest()[:12]}"
            path.write_bytes(data)
            self.failures[place] = str(path)
            print(f"{place}: {path}", file=sys.stderr, flush=True)
        return place


def fuzz(session: Session, opened: Callable[[], tuple[Run, list[bytes]]], seed: int, *, plain: bool) -> None:
    """Feed inputs until the time is up, and print the report. atheris ends the process itself."""
    try:
        if plain:
            raise ImportError
        import atheris
    except ImportError:
        _change_at_random(session, *opened(), random.Random(seed))
        print(session.report())
        return
    with atheris.instrument_imports(include=["jem_tui"]):
        run, seeds = opened()

    def one(data: bytes) -> None:
        if session.is_over:
            print(session.report(), flush=True)
            os._exit(1 if session.failures else 0)
        session.try_one(run, data)

    corpus = Path(tempfile.mkdtemp())
    for number, content in enumerate(seeds):
        (corpus / str(number)).write_bytes(content)
    options = [
        f"-seed={seed + 1}",
        "-rss_limit_mb=4000",
        f"-timeout={2 * HANGS}",
        f"-max_len={MOST_BYTES}",
        "-verbosity=0",
    ]
    session.begin()
    atheris.Setup([sys.argv[0], *options, str(corpus)], one)
    atheris.Fuzz()


def _change_at_random(session: Session, run: Run, seeds: list[bytes], chance: random.Random) -> None:
    kept = [seed[:MOST_BYTES] for seed in seeds] or [b""]
    known: set[str] = set()
    session.begin()
    for seed in kept[:]:
        known.add(session.try_one(run, seed))
    while not session.is_over:
        data = changed(chance, chance.choice(kept), chance.choice(kept))
        outcome = session.try_one(run, data)
        if outcome not in known and len(kept) < MOST_KEPT:
            known.add(outcome)
            kept.append(data)


def changed(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """Return a few small changes of `data`, perhaps with a part of `other`."""
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((1, 1, 2, 4, 8, 64, 1024)))
        match chance.randrange(7):
            case 0 if at < len(data):
                data = data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[end:]
            case 2:
                data = data[:at] + chance.choice(TOKENS) + data[at:]
            case 3:
                data = data[:at] + chance.choice(TOKENS) + data[end:]
            case 4:
                data = data[:end] + data[at:end] * chance.choice((1, 2, 50)) + data[end:]
            case 5:
                start = chance.randint(0, len(other))
                data = data[:at] + other[start : start + chance.choice((4, 32, 256))] + data[end:]
            case 6:
                data = data[:at] + chance.randbytes(end - at) + data[end:]
    return data[:MOST_BYTES]
