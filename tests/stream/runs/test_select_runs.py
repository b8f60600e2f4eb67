"""Commands that are given a folder with runs somewhere below."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from jem_tui.cli.application import app
from jem_tui.cli.open_replayer import replayer_opener
from jem_tui.cli.replay import MOST_TOGETHER, at_most_together
from jem_tui.cli.select_runs import found_runs, the_run
from jem_tui.errors import InputError
from jem_tui.events.run import Note, Wait
from tests.stream.stream_events import record, small_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, steps in (("lr=0.1/seed_1", 5), ("lr=0.1/seed_2", 7), ("deep/er/run", 3)):
        record(tmp_path / "logs" / name, small_run(steps))
    return tmp_path / "logs"


def call(*words: object) -> Result:
    result = CliRunner().invoke(app, [*map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_every_run_below_is_printed_under_its_name(root: Path):
    text = call("replay", "--once", root).stdout
    places = [text.index(name) for name in ("deep/er/run", "lr=0.1/seed_1", "lr=0.1/seed_2")]
    assert places == sorted(places)


def test_the_only_run_of_a_folder_is_printed(root: Path):
    assert (
        call("replay", "--once", root / "deep").stdout == call("replay", "--once", root / "deep" / "er" / "run").stdout
    )


def test_a_run_without_events_does_not_hide_the_others(root: Path):
    (root / "new").mkdir()
    (root / "new" / "events.out.tfevents.1.host").touch()
    done = call("replay", "--once", root)
    assert "seed_2" in done.stdout and "new holds no events yet" in done.stderr
    with pytest.raises(InputError, match="no events yet"):
        call("replay", "--once", root / "new")


def test_every_run_below_is_exported_into_a_folder_of_its_own(root: Path, tmp_path: Path):
    call("export", "--only", "csv", "--out", tmp_path / "out", root)
    tables = {str(path.parent.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("scalars.csv")}
    assert tables == {"deep/er/run", "lr=0.1/seed_1", "lr=0.1/seed_2"}
    call("export", "--only", "csv", "--out", tmp_path / "one", root / "deep")
    assert (tmp_path / "one" / "scalars.csv").read_text() == (tmp_path / "out/deep/er/run/scalars.csv").read_text()
    call("export", "--only", "csv", root)
    assert (root / "lr=0.1" / "seed_1" / "export" / "scalars.csv").exists()


def test_a_comparison_has_a_bounded_number_of_runs(capsys):
    runs = [Path(str(number)) for number in range(MOST_TOGETHER + 5)]
    assert at_most_together(runs) == runs[:MOST_TOGETHER]
    assert f"{len(runs)} runs were found" in capsys.readouterr().err


def test_runs_are_replayed_together_without_the_one_that_cannot_be_read(root: Path):
    (root / "empty").mkdir()
    (root / "empty" / "events.out.tfevents.1.host").touch()
    runs = [root / "lr=0.1" / "seed_1", root / "empty", root / "lr=0.1" / "seed_2"]
    source = replayer_opener(runs, 1000.0)(lambda text, fraction: None)
    emitted = []
    for event in source.events():
        if isinstance(event, Wait) and math.isinf(event.seconds):
            break
        emitted.append(event)
    assert any(isinstance(event, Note) and "empty holds no events yet" in event.text for event in emitted)
    with pytest.raises(InputError, match="no events yet"):
        replayer_opener([root / "empty"], 1000.0)(lambda text, fraction: None)


def test_a_folder_with_one_run_stands_for_that_run(root: Path):
    assert the_run(root / "deep") == the_run(root / "deep" / "er" / "run") == root / "deep" / "er" / "run"
    with pytest.raises(InputError, match=r"holds 3 runs\. Choose one run: .*seed_1"):
        the_run(root)
    nothing = root / "nothing"
    nothing.mkdir()
    assert the_run(nothing) == nothing


@pytest.mark.parametrize("words", [("eval",), ("sample",), ("train", "--json", "--resume")])
def test_commands_for_one_run_name_the_runs_of_a_folder(root: Path, words: tuple[str, ...]):
    with pytest.raises(InputError, match="holds 3 runs"):
        call(*words, root)


def test_a_run_of_this_program_is_one_run_with_all_its_content(root: Path):
    run = root / "deep" / "er" / "run"
    (run / "profile").mkdir()
    (run / "profile" / "events.out.tfevents.1.host").touch()
    assert found_runs([run]) == [run]
    assert len(found_runs([root])) == 4
    (run / "sub").mkdir()
    for log in run.glob("*tfevents*"):
        log.rename(run / "sub" / log.name)
    assert found_runs([run]) == [run / "profile", run / "sub"]
