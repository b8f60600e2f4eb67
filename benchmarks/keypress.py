"""Latency of keys while training runs, and processor cost of an idle or paused screen, in a real pty.

python -m benchmarks.keypress [ROUNDS [SECONDS]]
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import pexpect
import psutil

from benchmarks.report import Row, markdown

SIZES = {"120×35": (35, 120), "200×60": (60, 200)}
LATENCY_AIM = 0.100
IDLE_AIM = 0.03
DEMO = Path(__file__).parents[1] / "results" / "demo"
ANSWERS = (
    *(("?", "esc closes"), ("q", "JEM/total"), ("]", "0.98"), ("[", "0.95"), ("y", "linear"), ("y", "symlog")),
    *(("y", "log"), ("y", "smoothing")),
    *(("x", "steps"), ("x", "time"), ("x", "images"), ("z", "zoomed"), ("Z", "smoothing"), ("o", "replay buffer")),
    *(
        ("o", "replay buffer"),
        ("c", "replay buffer"),
        ("c", "replay buffer"),
        ("+", "replay buffer"),
        ("-", "replay buffer"),
    ),
    *(("b", "replay buffer"), ("4", "JEM/total"), ("4", "notes"), ("3", "╮"), ("3", "╮")),
    *(("T", "replay buffer"), ("p", "PAUS"), ("p", "ING")),
)
"""Keys that change the display, each pressed equally often, with a text that only the answer contains."""
REST = 0.35
"""Seconds between two keys."""


@dataclass
class Screen:
    """The program in a pty."""

    program: pexpect.spawn[str]
    folder: Path

    @classmethod
    def start(cls, size: tuple[int, int], folder: Path, *args: str) -> Screen:
        """Run the program in a terminal of `size` rows and columns; `folder` is for its preferences."""
        env = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "JEM_TUI_CONFIG_DIR": str(folder)}
        program = pexpect.spawn(
            sys.executable, ["-m", "jem_tui", *args], dimensions=size, env=env, encoding="utf-8", codec_errors="replace"
        )
        program.delaybeforesend = None  # pexpect would wait 50 ms before each key
        return cls(program, folder)

    def read(self, seconds: float) -> str:
        """Return the output of the program within `seconds`."""
        drawn, deadline = "", time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            drawn += self._some(left)
        return drawn

    def wait(self, text: str, seconds: float = 120.0) -> None:
        """Read until `text` has been drawn."""
        drawn, deadline = "", time.monotonic() + seconds
        while text not in drawn:
            if time.monotonic() > deadline or not self.program.isalive():
                raise RuntimeError(f"{text!r} was never drawn")
            drawn = drawn[-4096:] + self._some(0.1)

    def answer(self, key: str, text: str) -> float:
        """Return the seconds from a key to its answer."""
        pressed = time.perf_counter()
        self.program.send(key)
        drawn = ""
        while not drawn or text not in drawn:
            drawn += self._some(0.002)
            if time.perf_counter() - pressed > 5:
                raise RuntimeError(f"{key!r} was never answered")
        return time.perf_counter() - pressed

    def cpu(self, seconds: float) -> float:
        """Return the share of one core that the program uses over `seconds`."""
        process = psutil.Process(self.program.pid)
        before = process.cpu_times()
        self.read(seconds)
        after = process.cpu_times()
        return float(after.user + after.system - before.user - before.system) / seconds

    def close(self) -> None:
        """Kill the program: a normal end would save a run that is deleted anyway."""
        self.program.kill(signal.SIGKILL)
        self.program.wait()

    def _some(self, seconds: float) -> str:
        try:
            return str(self.program.read_nonblocking(1 << 16, timeout=seconds))
        except (pexpect.TIMEOUT, pexpect.EOF):
            return ""


def latencies(size: tuple[int, int], rounds: int) -> dict[str, list[float]]:
    """Measure the latency of all keys in seconds, `rounds` times, while the default recipe trains."""
    with tempfile.TemporaryDirectory() as folder:
        screen = Screen.start(size, Path(folder), "train", "--seed", "1", "--run-dir", f"{folder}/run")
        try:
            screen.wait("JEM/accuracy")
            screen.read(8)
            found: dict[str, list[float]] = {}
            for key, text in ANSWERS * rounds:
                found.setdefault(key, []).append(screen.answer(key, text))
                screen.read(REST)
            return found
        finally:
            screen.close()


def at_rest(size: tuple[int, int], seconds: float) -> dict[str, float]:
    """Measure the share of a core used by a paused training and by a replay at its end."""
    with tempfile.TemporaryDirectory() as folder:
        paused = Screen.start(size, Path(folder), "train", "--seed", "1", "--run-dir", f"{folder}/run")
        ended = Screen.start(size, Path(folder), "replay", str(DEMO), "--speed", "500")
        try:
            paused.wait("JEM/accuracy")
            paused.read(3)
            paused.program.send("p")
            ended.wait("ENDED")
            paused.read(4)
            return {"paused": paused.cpu(seconds), "idle at the end of a replay": ended.cpu(seconds)}
        finally:
            paused.close()
            ended.close()


def rows(rounds: int, seconds: float) -> Iterator[Row]:
    """Measure the 95th percentile of latencies and the idle cost, at both sizes."""
    for name, size in SIZES.items():
        by_key = latencies(size, rounds)
        found = [each for times in by_key.values() for each in times]
        high = quantiles(found, n=20)[-1]
        slowest = max(by_key, key=lambda key: median(by_key[key]))
        text = f"{high * 1000:.0f} ms (median {median(found) * 1000:.0f}; slowest key {slowest}: {median(by_key[slowest]) * 1000:.0f})"
        yield Row(
            name=f"key to screen while training at {name}, p95", found=text, aim="≤ 100 ms", reached=high <= LATENCY_AIM
        )
        for state, share in at_rest(size, seconds).items():
            yield Row(name=f"{state}, {name}", found=f"{share:.1%} of a core", aim="< 3 %", reached=share < IDLE_AIM)


def main(rounds: int = 4, seconds: int = 20) -> None:
    """Print the table."""
    print("\n".join(markdown(rows(rounds, seconds))))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
