"""`jem-tui doctor`: findings about terminals, torch, folders and surroundings, none of which can fail."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jem_tui.cli import doctor
from jem_tui.cli.diagnosis import computing_checks, surroundings_checks, terminal_checks
from jem_tui.cli.diagnosis.finding import Finding, checked, note, ok, problem
from tests.cli.program import jem_tui


def states(found: Iterator[Finding] | list[Finding]) -> dict[str, str]:
    """Return the state of each topic."""
    return {each.topic: each.state for each in found}


@pytest.mark.parametrize(
    ("size", "state"), [((59, 20), "problem"), ((60, 19), "problem"), ((60, 20), "note"), ((120, 35), "ok")]
)
def test_a_terminal_that_is_too_small_is_a_problem(size, state):
    assert terminal_checks.size_finding(*size).state == state


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ("\x1b[?2026;2$y\x1b[?1006;1$y\x1b[?62;4c", {2026, 1006}),
        ("\x1b[?2026;0$y\x1b[?1006;2$y\x1b[?62c", {1006}),
        ("\x1b[?2026;4$y\x1b[?62c", set()),
        ("\x1b[?99999999999;1$y", set()),
        ("", set()),
        ("q\x00\ufffd", set()),
    ],
)
def test_modes_are_read_from_the_answer_of_a_terminal(answer, known):
    assert terminal_checks.modes_in(answer) == known


def test_a_terminal_without_answers_is_a_note():
    assert states(terminal_checks.mode_findings("\x1b[?6c")) == {"updates": "note"}


@pytest.mark.parametrize(
    ("content", "quota"),
    [("max 100000\n", None), ("150000 100000\n", 1.5), ("1 0", None), ("", None), ("a b", None), ("1 2 3", None)],
)
def test_the_processors_of_a_container_are_read(tmp_path: Path, content: str, quota: float | None):
    path = tmp_path / "cpu.max"
    path.write_text(content)
    assert computing_checks.quota_of(path) == quota
    assert computing_checks.quota_of(tmp_path / "missing") is None


@pytest.mark.parametrize(
    "error", [RuntimeError("operator torchvision::nms does not exist\nmore"), OSError("libcudart")]
)
def test_a_broken_torch_is_a_problem_with_advice(monkeypatch: pytest.MonkeyPatch, error: Exception):
    class Broken(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise error

    monkeypatch.setitem(sys.modules, "jem_tui.jem.model.installed_torch", Broken("installed_torch"))
    (found,) = computing_checks.torch_findings()
    assert found.state == "problem"
    assert str(error).splitlines()[0] in found.text
    assert "\n" not in found.text
    assert found.advice


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert surroundings_checks.folder_finding("runs", tmp_path / "new" / "runs", disk=False).state == "ok"
    assert surroundings_checks.folder_finding("runs", tmp_path / "file" / "runs", disk=False).state == "problem"


@pytest.mark.parametrize(("free", "state"), [(1, "problem"), (10**9, "note"), (10**10, "ok")])
def test_a_full_disk_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str):
    usage = type("Usage", (), {"free": free})
    monkeypatch.setattr(surroundings_checks.shutil, "disk_usage", lambda path: usage)
    assert surroundings_checks.folder_finding("runs", tmp_path, disk=True).state == state


def test_surroundings_are_named():
    environ = {"SSH_CONNECTION": "a b", "TMUX": "x", "SLURM_JOB_ID": "7", "WORLD_SIZE": "4", "RANK": "2"}
    found = states(surroundings_checks.surroundings_findings(environ))
    assert {"ssh", "tmux", "Slurm", "ranks"} <= found.keys()
    assert (
        not {"ssh", "tmux", "screen", "Slurm", "ranks"} & states(surroundings_checks.surroundings_findings({})).keys()
    )


def test_a_check_that_raises_keeps_the_findings_before_it():
    def check() -> Iterator[Finding]:
        yield ok("cores", "2")
        raise ZeroDivisionError("odd machine")

    assert [(each.topic, each.state) for each in checked("machine", check)] == [
        ("cores", "ok"),
        ("machine", "note"),
    ]


UNUSUAL = {
    "SSH_CONNECTION": "a b",
    "TMUX": "x",
    "SLURM_JOB_ID": "7",
    "WORLD_SIZE": "4",
    "OMP_NUM_THREADS": "3",
    "NO_COLOR": "1",
    "JEM_TUI_ASCII": "1",
}


@pytest.mark.parametrize(
    "environ", [{}, UNUSUAL, {"TERM": "xterm", "LC_ALL": "C", "STY": "x"}], ids=["bare", "set", "old"]
)
def test_each_note_and_problem_has_a_next_action(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str]
):
    for name in {*UNUSUAL, "STY", "TERM", "LC_ALL", "COLORTERM"}:
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(computing_checks, "CPU_FILE", tmp_path / "missing")
    for name in ("config_folder", "cache_folder"):
        monkeypatch.setattr(surroundings_checks, name, lambda: None)
    monkeypatch.setattr(terminal_checks, "attended_terminal", lambda: bool(environ))
    monkeypatch.setattr(terminal_checks, "queried_findings", lambda: terminal_checks.mode_findings("\x1b[?1;2$y"))
    found = [
        *terminal_checks.terminal_findings(),
        *terminal_checks.mode_findings(""),
        *surroundings_checks.folder_findings(),
        *surroundings_checks.surroundings_findings(),
        *computing_checks.machine_findings(),
        *checked("odd", lambda: iter([ok("odd", str(1 // 0))])),
    ]
    off = [each for each in found if each.state != "ok"]
    assert len(off) >= 6
    assert not [each.topic for each in off if not each.advice.endswith(".")]


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "✗"), ("ascii", "!")])
def test_lines_suit_the_encoding(encoding: str, sign: str):
    found = [problem("memory", "1 MB available", "Close other programs."), note("ssh", "evil \x1b[2J", "none")]
    text = "\n".join(f"{sign} {line}" for sign, _, line in doctor.lines(found, encoding))
    assert text.startswith(f"{sign} memory       1 MB available\n")
    assert "Close other programs." in text
    assert "\x1b" not in text


def test_lines_are_wrapped_below_their_text():
    text = doctor.wrapped(f"{'colours':<{doctor.WIDTH}}  {'word ' * 30}/a/path{'/longer' * 12}", 60)
    first, *others = text.splitlines()
    assert first.startswith("colours      word") and others
    assert all(line.startswith(" " * (doctor.WIDTH + 6) + "w") for line in others[:-1])
    assert others[-1].strip() == f"/a/path{'/longer' * 12}"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ([ok("a", "b")], "Nothing prevents training."),
        ([note("a", "b", "c"), note("a", "b", "c")], "Nothing prevents training: 2 notes."),
        ([problem("a", "b", "c"), note("a", "b", "c")], "Training or its screen would fail: 1 problem, 1 note."),
    ],
)
def test_the_last_line_of_the_findings_is_a_verdict(found, sentence):
    assert doctor.verdict(found) == sentence


@pytest.mark.slow
def test_the_command_prints_json_and_exits_by_problems(tmp_path: Path):
    result = jem_tui("doctor", "--json", cwd=tmp_path)
    found = json.loads(result.stdout)["findings"]
    assert {"version", "torch", "device", "cores", "memory", "runs"} <= {each["topic"] for each in found}
    assert result.returncode == (1 if any(each["state"] == "problem" for each in found) else 0)
