"""Any settings file and any word: the program accepts it or refuses it in one sentence."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jem_tui.config.load import SECTIONS, as_mapping, from_mapping, make_config
from jem_tui.config.schema import RunConfig
from jem_tui.config.toml_text import LONGEST_LINE, MOST_BYTES
from jem_tui.errors import InputError
from jem_tui.tui.preferences.preferences import Preferences
from tests.examples import examples

KEYS = [f"{section}.{field.name}" for section, kind in SECTIONS.items() for field in fields(kind)]
VALUES = st.one_of(
    st.text(max_size=20) | st.integers(1, 500).map(lambda count: "é" * count),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["1" * 5000, "0x" + "f" * 5000, "0b" + "1" * 9000, "[" * 5000, "{a=" * 3000, "-0", "1e400", "nan"]),
    st.sampled_from(
        ["true", "[[]]", "{}", '"\\u0000"', "1979-05-27T07:32:00", "07:32:00", '"""', "0o7", "1_0", ".", "="]
    ),
    st.recursive(
        st.sampled_from(["1", '"a"']), lambda part: part.map(lambda inner: f"[{inner}, {inner}]"), max_leaves=8
    ),
)
NAMES = st.sampled_from([*KEYS, *SECTIONS, "preset", "a.b.c"]) | st.text(max_size=12)
TOML = st.lists(
    st.one_of(
        st.tuples(NAMES, VALUES).map(" = ".join),
        NAMES.map(lambda name: f"[{name}]"),
        st.sampled_from(["[[sgld]]", "[sgld]", "steps = 3", "preset = 1", "preset = [1]", "a." * 300 + "a = 1", "#"]),
        st.text(max_size=30),
    ),
    max_size=6,
).map("\n".join)


def check_settings(words: list[str], file: Path | None = None) -> None:
    """Read settings that are either valid or refused in one sentence."""
    try:
        config = make_config("", file, words)
    except InputError as error:
        assert len(str(error)) < 1000
    else:
        assert isinstance(config, RunConfig)
        assert from_mapping(as_mapping(config), "run.json") == config
        Path(config.data.name).is_dir()


@settings(max_examples=examples(15), deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES).map("=".join) | st.text(), max_size=3))
def test_any_words_are_accepted_or_refused_in_one_sentence(words: list[str]):
    check_settings(words)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@settings(max_examples=examples(15), deadline=None)
@given(TOML.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=200))
def test_any_file_is_accepted_or_refused_in_one_sentence(folder: Path, content: bytes):
    path = folder / "run.toml"
    path.write_bytes(content)
    check_settings([], path)
    preferences = Preferences.load(path)
    assert preferences.note or isinstance(preferences.section("keys"), dict) or not preferences.section("keys")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda part: st.lists(part, max_size=2) | st.dictionaries(st.text(max_size=5), part, max_size=2),
    max_leaves=4,
)
TABLES = st.dictionaries(
    st.sampled_from([*SECTIONS, "preset", "other"]),
    JSON | st.dictionaries(st.sampled_from([key.partition(".")[2] for key in KEYS]), JSON, max_size=2),
    max_size=3,
)


@given(TABLES)
def test_any_recorded_settings_are_accepted_or_refused_in_one_sentence(table: dict[str, object]):
    try:
        assert isinstance(from_mapping(table, "run.json"), RunConfig)
    except InputError as error:
        assert len(str(error)) < 1000


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/dev/zero"), lambda path: path.symlink_to(path)],
    ids=["pipe", "folder", "device", "loop"],
)
def test_a_path_that_is_no_regular_file_is_refused(tmp_path: Path, make):
    path = tmp_path / "run.toml"
    make(path)
    with pytest.raises(InputError, match="Cannot read the settings"):
        make_config("", path)
    assert "cannot be read" in Preferences.load(path).note


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"#" * MOST_BYTES + b"\n", "larger than"),
        (b"[" * LONGEST_LINE + b"\n", "not valid TOML"),
        (b"#" * (LONGEST_LINE + 1), "a line has more than"),
        (b"\xff\xfe", "not valid TOML"),
        (b"[sgld]\nsteps = " + b"9" * 5000, "not valid TOML"),
        (b"[sgld]\nsteps = 0x" + b"9" * 5000, "too large to print"),
        (b"preset = ['fast']", "preset in"),
        (b"[data]\nname = 5", "It must be text"),
    ],
)
def test_oversized_and_malformed_files_are_refused_in_one_sentence(tmp_path: Path, content: bytes, words: str):
    path = tmp_path / "run.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        make_config("", path)
    assert len(str(caught.value)) < 500


def test_a_file_of_a_terabyte_is_not_read(tmp_path: Path):
    path = tmp_path / "run.toml"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="larger than"):
        make_config("", path)


@pytest.mark.parametrize("word", ["1e5", "2026-11-23", "007", "true", "[1]", "0x10"])
def test_a_text_value_needs_no_quotes(word: str):
    assert make_config("", None, [f"data.name={word}"]).data.name == word


@pytest.mark.parametrize("text", ["a" * 256, "a/" * 2100, "é" * 128, "/tmp/" + "a" * 256])
def test_a_path_that_no_file_system_accepts_is_refused(text: str):
    with pytest.raises(InputError, match="It must be a name or a path"):
        make_config("", None, [f"data.name={text}"])
    assert make_config("", None, [f"data.dir={text[:127]}"]).data.dir == text[:127]


@pytest.mark.parametrize(("word", "near"), [("buffer.policy=rng", "ring"), ("network.name=resnt", "resnet")])
def test_a_wrong_choice_names_the_nearest(word: str, near: str):
    with pytest.raises(InputError, match=rf"did you mean {near}"):
        make_config("", None, [word])
