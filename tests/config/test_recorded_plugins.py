"""Settings of a run folder whose plug-ins may be absent on this machine."""

from __future__ import annotations

import pytest
from hypothesis import given

from jem_tui.config.load import PLUGINS, as_mapping, from_mapping, make_config, value_of
from jem_tui.config.recorded_plugins import has_plugins, recorded_settings, with_former_values
from jem_tui.errors import InputError
from jem_tui.plugins import NETWORK, resolve_plugin
from tests.config.test_hostile_settings import TABLES


def with_name(key: str, name: object) -> dict[str, object]:
    """Return recorded settings with another value of one setting."""
    table = as_mapping(make_config("fast"))
    section, _, field = key.partition(".")
    table[section][field] = name
    return table


@pytest.mark.parametrize("key", [key for key in PLUGINS if key != "data.name"])
def test_a_plugin_that_is_not_installed_is_kept_until_it_is_resolved(key):
    config = recorded_settings(with_name(key, "tiny"), "run.json")
    assert value_of(config, key) == "tiny" and has_plugins(config)
    with pytest.raises(InputError, match=rf"{key} in run\.json is 'tiny'"):
        from_mapping(with_name(key, "tiny"), "run.json")
    with pytest.raises(InputError, match=r"no network named tiny\. Install the package that provides it"):
        resolve_plugin(NETWORK, "tiny")


@pytest.mark.parametrize("name", [5, None, "", "two words", "my.py:Net", "a" * 300, ["conv"]])
def test_what_cannot_be_a_name_is_refused(name):
    with pytest.raises(InputError, match=r"network\.name in run\.json is"):
        recorded_settings(with_name("network.name", name), "run.json")


@given(TABLES)
def test_other_settings_are_read_as_by_from_mapping(table):
    try:
        expected = from_mapping(with_former_values(table), "run.json")
    except InputError:
        return
    assert recorded_settings(table, "run.json") == expected
