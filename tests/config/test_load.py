"""Settings from presets, files and words of the command line."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jem_tui.cli.config import toml_lines
from jem_tui.config.load import as_mapping, from_mapping, make_config
from jem_tui.config.presets import PRESETS
from jem_tui.config.schema import RunConfig
from jem_tui.errors import InputError


def make(*words: str, preset: str = "", file: Path | None = None) -> RunConfig:
    """Return the settings of words in addition to a preset and a file."""
    return make_config(preset, file, words)


def test_later_values_override_earlier_ones(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('preset = "classic"\n[sgld]\nsteps = 7\nstep_size = 2\n[data]\nname = "mnist"\n')
    config = make("sgld.steps=9", file=file)
    assert (config.preset, config.sgld.steps, config.sgld.step_size, config.data.name) == ("classic", 9, 2.0, "mnist")
    assert config.optimizer.rate == 1e-4
    assert make(preset="fast", file=file).optimizer.rate == 1.5e-3


@pytest.mark.parametrize("text", ["0.5", ".5", "+.5", "5e-1", "5.e-1", ".05e1", "500.e-3"])
def test_a_number_is_accepted_in_every_customary_spelling(text):
    assert make_config("fast", None, [f"buffer.batch_share={text}"]).buffer.batch_share == 0.5


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("sgld.stpes=3", "Unknown setting sgld.stpes .*did you mean sgld.steps"),
        ("sgdl.steps=3", "did you mean sgld.steps"),
        ("sgld.steps=-1", "whole number from 0 to 10000"),
        ("sgld.steps=2.5", "whole number"),
        ("sgld.steps=many", "whole number"),
        ("sgld.clip=1", "true or false"),
        ("optimizer.rate=-1", "a number from 0 to 1000"),
        ("optimizer.rate=nan", "a number from"),
        ("optimizer.rate=true", "a number from"),
        ("buffer.policy=random", "independent, ring, epoch"),
        ("sgld.steps", "section.key=value"),
        ("steps=3", "section.key=value"),
        ("sgld.steps=", "section.key=value"),
    ],
)
def test_an_error_names_the_wrong_word_and_a_valid_one(word, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        make(word)
    assert word.partition("=")[0] in str(error.value)


def test_an_unknown_preset_lists_all_presets():
    with pytest.raises(InputError, match=r"did you mean classic.*fast, classic"):
        make(preset="clasic")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[sgld\n", "not valid TOML"),
        ("[slgd]\nsteps = 1\n", r"Unknown section \[slgd\] .*did you mean sgld"),
        ("sgld = 1\n", "is a section, not a value"),
        ("[sgld]\nstep = 1\n", r"Unknown setting sgld.step in .*run\.toml"),
    ],
)
def test_a_malformed_file_is_refused_in_one_sentence(text, sentence, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=sentence):
        make(file=file)


def test_a_missing_file_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(InputError, match="Cannot read the settings"):
        make(file=tmp_path / "none.toml")


@pytest.mark.parametrize("preset", PRESETS)
def test_recorded_settings_are_read_back(preset):
    config = make("data.name=svhn", "train.seed=9", preset=preset)
    assert from_mapping(as_mapping(config), "run.json") == config


@pytest.mark.parametrize("preset", PRESETS)
def test_the_printed_settings_are_a_settings_file(preset, tmp_path):
    config = make('data.dir=/a "b"', preset=preset)
    file = tmp_path / "run.toml"
    file.write_text("\n".join(toml_lines(config)))
    tomllib.loads(file.read_text())
    assert make(file=file) == config


@given(st.text())
def test_any_word_is_accepted_or_refused_by_an_input_error(word):
    try:
        make(word)
    except InputError as error:
        assert str(error)


def test_arguments_of_plugins_are_typed_by_their_values():
    words = ["network.name=mynet:Net", "network.args.hidden=64", "network.args.gain=0.5", "network.args.kind=deep"]
    config = make(*words, "network.args.blocks=[1, 2]", "network.args.stem={width=3}", "network.args.hidden=32")
    expected = {"hidden": 32, "gain": 0.5, "kind": "deep", "blocks": [1, 2], "stem": {"width": 3}}
    assert config.network.args == expected and make().network.args == {}
    assert hash(config) == hash(from_mapping(as_mapping(config), "run.json"))


def test_arguments_from_a_file_are_changed_by_words(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('[data]\nname = "mydata:load"\n[data.args]\nroot = "images"\nseed = 1\n')
    assert make("data.args.seed=2", file=file).data.args == {"root": "images", "seed": 2}
    assert make("data.args={a=1}", file=file).data.args == {"a": 1}


@pytest.mark.parametrize("other", ["true", "1.0", "2", "[1]"])
def test_arguments_that_run_json_spells_otherwise_are_others(other: str):
    one = make("network.args.depth=1", "network.args.name=a").network.args
    assert one == make("network.args.name=a", "network.args.depth=1").network.args == {"name": "a", "depth": 1}
    assert one != make(f"network.args.depth={other}", "network.args.name=a").network.args


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("network.args.date=2026-11-23", r"network\.args\.date is .* finite number"),
        ("network.args.limit=inf", "finite number"),
        ("network.args.limit=NaN", "finite number"),
        ("network.args.seed=99999999999999999999", "finite number"),
        ("network.args.deep=" + "[" * 40 + "]" * 40, "finite number"),
        ("network.args.not-a-word=1", "must be a Python identifier"),
        ("network.args=5", "must be a table of arguments"),
        ("network.args.a.b=5", "not of the form"),
        ("sgld.steps.a=5", "not of the form"),
        ("network.args.=5", "must be a Python identifier"),
        ("network.name=my.py:Net", r"network\.name is 'my\.py:Net'.*Write --network my:Net"),
        ("network.name=mynet.Net", "write --network mynet:Net"),
        ("network.name=cnv", r"did you mean conv\?\)\. It can be conv, wrn, toy, simple, resnet, or module:attribute"),
    ],
)
def test_impossible_plugins_and_arguments_are_refused(word, sentence):
    with pytest.raises(InputError, match=sentence):
        make(word)


def test_printed_arguments_can_be_read_again():
    config = make(
        'network.args.stem={width=3, "a b"=[true, "x\\ty"]}', "data.args.root=images", "network.name=mynet:Net"
    )
    table = tomllib.loads("\n".join(toml_lines(config)))
    assert from_mapping(table, "printed") == config
