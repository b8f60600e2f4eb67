"""Files that the screen writes, where they cannot be written."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.errors import InputError
from jem_tui.tui.preferences.preferences import Preferences
from jem_tui.tui.screenshot import PicturePlace, save_screenshot
from jem_tui.tui.supervision.screen_failure import ScreenFailure, write_details


def limited(size: int, write: Callable[[], object]) -> object:
    """Write while no file of this process may be larger than `size` bytes, as on a disk that is full."""
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        return write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_no_half_picture(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sentence = limited(10, lambda: save_screenshot("x" * 10_000, PicturePlace(str(tmp_path / "run"), 3)))
    assert "Could not save" in str(sentence)
    assert list(tmp_path.iterdir()) == []


def test_a_removed_current_folder_does_not_fail_a_screenshot(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "Could not save" in save_screenshot("<svg/>", PicturePlace(str(tmp_path / "missing"), 3))
    assert "Saved" in save_screenshot("<svg/>", PicturePlace(str(tmp_path), 3))
    os.chdir(tmp_path)


@given(svg=st.text(st.characters(), max_size=30), name=st.text(st.characters(), max_size=10))
def test_any_picture_in_any_folder_ends_in_a_sentence(tmp_path_factory, svg, name):
    folder = tmp_path_factory.mktemp("pictures")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert save_screenshot(svg, PicturePlace(name, 1)).startswith(("Saved", "The picture"))


def broken_link(path: Path) -> None:
    path.symlink_to(path)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    "spoil", [broken_link, folder, lambda path: path.write_bytes(b"\xff\xfe"), lambda path: path.write_text("a = [")]
)
def test_unwritable_preferences_are_reported_once_in_a_sentence(tmp_path, spoil):
    path = tmp_path / "screen.toml"
    preferences = Preferences(path)
    spoil(path)
    with pytest.raises(InputError, match="cannot be written"):
        preferences.keep("screen", {"theme": "dark"})
    preferences.keep("screen", {"theme": "light"})


def test_a_full_disk_leaves_the_preferences_as_they_were(tmp_path):
    path = tmp_path / "screen.toml"
    path.write_text('[a]\nb = "c"\n')
    with pytest.raises(InputError):
        limited(10, lambda: Preferences.load(path).keep("screen", {"theme": "x" * 1000}))
    assert [entry.name for entry in tmp_path.iterdir()] == ["screen.toml"]
    assert path.read_text() == '[a]\nb = "c"\n'


def test_details_are_written_into_the_first_writable_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    try:
        raise ValueError("\udcff [bold] " + "x" * 10_000)
    except ValueError as error:
        failure = ScreenFailure.of(error)
    first, second = (write_details(failure, (None, tmp_path / "missing")) for _ in range(2))
    assert (first, second) == (tmp_path / "screen-error-1.txt", tmp_path / "screen-error-2.txt")
    assert "ValueError" in first.read_text() and len(failure.sentence) < 300


def test_unwritable_details_do_not_raise(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    assert write_details(ScreenFailure("cause", "details"), ()) is None
