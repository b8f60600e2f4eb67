"""The rule of trust: recorded code runs only where the command line repeats its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.plugins import DATA, INITIAL, NETWORK, PluginUse, refuse_others, refuse_unrepeated

RUN = Path("runs/one")
OWN, LOADED = PluginUse(NETWORK, "mynet:Net"), PluginUse(DATA, "mydata:load")


def test_code_that_only_the_run_names_is_refused():
    with pytest.raises(InputError) as caught:
        refuse_unrepeated([OWN, LOADED, PluginUse(INITIAL, "uniform")], [PluginUse(NETWORK, "mydata:load")], RUN)
    assert str(caught.value) == (
        "The run in runs/one uses the network mynet:Net and the data set mydata:load, which is code outside jem-tui that only "
        "the run folder names. If you trust it, repeat --network mynet:Net --data mydata:load to run it."
    )


def test_repeated_code_and_installed_names_are_accepted():
    refuse_unrepeated([OWN, PluginUse(DATA, "installed")], [OWN], RUN)
    refuse_unrepeated([PluginUse(NETWORK, "conv"), PluginUse(DATA, "/home/me/my:folder")], [], RUN)
    refuse_others([OWN, LOADED], [LOADED])


@pytest.mark.parametrize("repeated", [PluginUse(NETWORK, "other:Net"), PluginUse(NETWORK, "mydata:load")])
def test_another_name_than_the_recorded_one_is_refused(repeated):
    with pytest.raises(
        InputError, match=f"^The run uses the network mynet:Net, not {repeated.name}. .*repeat its name"
    ):
        refuse_others([OWN, LOADED], [repeated])
