"""Unusual streams, terminals and folders: commands work, or refuse in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui import user_folders
from jem_tui.cli.config import spelled_out, toml_lines
from jem_tui.cli.process_setup import MOST_CELLS, possible_size
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError
from jem_tui.events.run import TOTAL, Note, Stopped
from jem_tui.jem.data.datasets import downloads
from jem_tui.stream.replay.replayer import read_events
from jem_tui.stream.writer.recorder import Recorder
from jem_tui.tui.preferences.preferences import FOLDER_VARIABLE, Preferences, preferences_file
from tests.cli.program import TRAIN, jem_tui, refused
from tests.stream.stream_events import started, step_done


def slow(*cases: object) -> list[Any]:
    """Return cases of a parametrized test, marked as slow."""
    return [pytest.param(case, marks=pytest.mark.slow) for case in cases]


Stream = IO[bytes] | int
NAMES = (b"plain", "ü-ψ-🦆".encode(), b"latin1_\xe9", b"gbk_\xc4\xe3", b"line\nfeed\x1b[2J")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of runs whose names and notes some encodings lack."""
    root = tmp_path_factory.mktemp("odd")
    for name in NAMES:
        recorder = Recorder(root / os.fsdecode(name), ["jem-tui", "train"])
        recorder(started())
        recorder(step_done(1))
        recorder(Note(step=1, images=64, time=1.0, text="ψ ü 🦆 \ud800"))
        recorder(Stopped(step=1, images=64, time=2.0, reason="finished"))
    return root


def commands(root: Path) -> list[list[object]]:
    """Return the words of commands that print names and texts of the runs below `root`."""
    runs = [root / os.fsdecode(name) for name in NAMES]
    return [
        ["runs", root],
        ["runs", "--json", root],
        ["replay", "--once", *runs],
        ["export", "--only", "csv", "--out", root.parent / "ü\udcff", runs[2]],
        ["runs", root / "missing\udce9"],
    ]


@pytest.mark.parametrize("encoding", ["ascii", *slow("cp1252", "latin-1:strict")])
@pytest.mark.parametrize("number", [*slow(0, 1), 2, *slow(3), 4])
def test_characters_that_the_encoding_lacks_are_escaped(encoding: str, number: int, recordings: Path):
    done = run(commands(recordings)[number], PYTHONIOENCODING=encoding)
    assert done.returncode == (2 if number == 4 else 0), done.stderr
    assert b"Traceback" not in done.stderr and b"\x1b" not in done.stdout + done.stderr
    (done.stdout + done.stderr).decode(encoding.partition(":")[0])


@pytest.mark.parametrize(
    "environment",
    [
        {"COLUMNS": "0", "LINES": "0"},
        {"TERM": "unknown", "TEXTUAL_DRIVER": "bad", "HOME": "/nowhere", "TMPDIR": "/nowhere"},
        *slow(
            {"COLUMNS": "9", "LINES": "-1"},
            {"COLUMNS": "9" * 5000, "LINES": "x"},
            {"TERM": "", "LC_ALL": "C"},
            {"TERM": "dumb", "LC_ALL": "nowhere"},
            {"XDG_CONFIG_HOME": "/dev/null"},
        ),
    ],
    ids=str,
)
def test_an_unusual_environment_does_not_change_the_printed_replay(environment: dict[str, str], recordings: Path):
    done = run(["replay", "--once", recordings / "plain"], **environment)
    assert done.returncode == 0, done.stderr
    assert TOTAL[-5:].encode() in done.stdout.replace(b"\n", b"")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("driver", ["bad", *slow("bad:Bad", "textual.app:App", "textual.drivers.nowhere:X", ":")])
def test_an_unknown_driver_is_refused_in_one_sentence(driver: str, recordings: Path):
    done = run(["replay", recordings / "plain"], TEXTUAL_DRIVER=driver)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"jem-tui: TEXTUAL_DRIVER is not a driver of Textual: {driver}. Unset TEXTUAL_DRIVER.".encode()
    ]


@pytest.mark.parametrize(
    "words", [["runs"], ["config"], *slow(["replay", "--once"], ["--version"], ["export", "--only", "csv"])]
)
def test_a_result_that_cannot_be_written_exits_with_1_and_one_sentence(words: list[str], recordings: Path):
    where = {"runs": [recordings], "replay": [recordings / "plain"], "export": [recordings / "plain"]}.get(words[0], [])
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = run([*words, *where], stdout=full)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [b"jem-tui: The output cannot be written: No space left on device."]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = run([*words, *where], stderr=full)
    assert done.returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        ["replay", "LONG", "--once"],
        ["runs", "LONG"],
        *slow(["eval", "LONG"], ["train", "--no-ui", "--run-dir", "LONG"], ["train", "--no-ui", "--resume", "LONG"]),
        *slow(["export", "RUN", "--only", "csv", "--out", "LONG"]),
    ],
)
def test_a_file_name_that_is_too_long_is_wrong_input(words: list[str], recordings: Path):
    given = {"LONG": "long" * 100, "RUN": str(recordings / "plain")}
    error = refused(*(given.get(word, word) for word in words))
    assert "File name too long" in error


@pytest.mark.slow
def test_plots_need_no_cache_folder_of_matplotlib(recordings: Path, tmp_path: Path):
    environment = {**os.environ, "MPLCONFIGDIR": "/dev/null/nowhere"}
    words = ["export", recordings / "plain", "--only", "plots", "--out", tmp_path]
    done = jem_tui(*words, env=environment)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_deleted_current_folder_is_refused_in_one_sentence(tmp_path: Path):
    (tmp_path / "gone").mkdir()
    code = f"cd {tmp_path}/gone; rmdir {tmp_path}/gone; exec {sys.executable} -P -m jem_tui train --no-ui"
    root = str(Path(__file__).parents[2])
    done = subprocess.run(["sh", "-c", code], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": root})
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "jem-tui: The current folder no longer exists. Change to another folder."
    assert "Traceback" not in done.stderr


def test_no_file_gets_the_descriptor_of_a_closed_stream(tmp_path: Path):
    script = (
        "import os, sys\n"
        "from jem_tui.cli.process_setup import prepare_process\n"
        "prepare_process()\n"
        "opened = open(sys.argv[1], 'wb')\n"
        "os.write(2, b'a warning'); os.write(1, b'a result'); print('more')\n"
        "assert opened.fileno() > 2"
    )
    path = tmp_path / "events"
    command = f'exec {sys.executable} -c "$0" {path} <&- >&- 2>&-'
    assert subprocess.run(["sh", "-c", command, script]).returncode == 0
    assert path.read_bytes() == b""


@given(st.text())
def test_an_accepted_terminal_size_is_in_range(text: str):
    if possible_size(text):
        assert 1 <= int(text) <= MOST_CELLS


@pytest.mark.parametrize("size", ["1", "80", "010", str(MOST_CELLS)])
def test_a_usual_terminal_size_is_accepted(size: str):
    assert possible_size(size)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.sampled_from(["ascii", "cp1252", "latin-1", "utf-8"]))
def test_settings_survive_printing_in_any_encoding(text: str, encoding: str):
    config = RunConfig()
    config = replace(config, data=replace(config.data, name=text))
    printed = "\n".join(spelled_out(line, encoding) for line in toml_lines(config)).encode(encoding)
    assert tomllib.loads(printed.decode(encoding))["data"]["name"] == text


def no_home(name: str) -> Path:
    """Raise the exception of platformdirs for a user without home folder."""
    raise RuntimeError("Could not determine home directory.")


def test_without_a_home_folder_preferences_last_for_the_session(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("platformdirs.user_config_path", no_home)
    monkeypatch.setattr("platformdirs.user_cache_path", no_home)
    assert (preferences_file(), user_folders.cache_folder()) == (None, None)
    preferences = Preferences.load(preferences_file())
    preferences.keep("screen", {"theme": "x"})
    assert preferences.section("screen") == {"theme": "x"} and "no home folder" in preferences.note
    with pytest.raises(InputError, match="--data-dir"):
        downloads(RunConfig().data)


def test_the_tilde_of_an_unknown_user_is_not_expanded(monkeypatch: pytest.MonkeyPatch):
    assert user_folders.expanded("~no-such-user/x") == Path("~no-such-user/x")
    monkeypatch.setenv("HOME", "/home/user")
    assert user_folders.expanded("~/x") == Path("/home/user/x")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lost", "face"),
    [
        ("stdout", "--json"),
        ("both", "--no-ui"),
        pytest.param("stdout", "--no-ui", marks=pytest.mark.exhaustive),
        pytest.param("stderr", "--json", marks=pytest.mark.exhaustive),
    ],
)
def test_a_training_run_continues_without_its_output(lost: str, face: str, tmp_path: Path):
    words = [word for word in TRAIN if word not in ("--json", "--no-ui")]
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        streams = {name: full for name in ("stdout", "stderr") if lost in (name, "both")}
        done = run([*words, face, "--max-steps", 30, "--run-dir", tmp_path / "run"], **streams)
    assert done.returncode == 0
    assert (tmp_path / "run" / "checkpoints" / "step_000030.pt").exists()
    if lost == "stdout":
        assert done.stderr.count(b"stdout can no longer be written (No space left on device)") == 1
    noted = [event.text for event in read_events(tmp_path / "run") if isinstance(event, Note)]
    for name in streams:
        assert sum(text.startswith(f"{name} can no longer be written") for text in noted) == 1


def run(
    args: Sequence[object], stdout: Stream = subprocess.PIPE, stderr: Stream = subprocess.PIPE, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program without input, with `environment` added to the variables."""
    command = [sys.executable, "-m", "jem_tui", *map(str, args)]
    return subprocess.run(
        command, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL, timeout=60, env={**os.environ, **environment}
    )
