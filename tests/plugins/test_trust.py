"""The rule of trust: recorded code runs only where the command line repeats its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.plugins import DATA, INITIAL, NETWORK, PluginUse, refuse_unrepeated

RUN = Path("runs/one")


def test_code_that_only_the_run_names_is_refused():
    uses = [PluginUse(NETWORK, "mynet:Net", ""), PluginUse(DATA, "mydata:load", ""), PluginUse(INITIAL, "uniform", "")]
    with pytest.raises(InputError) as caught:
        refuse_unrepeated(uses, RUN)
    assert str(caught.value) == (
        "The run in runs/one uses the network mynet:Net and the data set mydata:load, which is code outside jem-tui that only "
        "the run folder names. If you trust it, repeat --network mynet:Net --data mydata:load to run it."
    )


def test_repeated_code_and_installed_names_are_accepted():
    refuse_unrepeated([PluginUse(NETWORK, "mynet:Net", "mynet:Net"), PluginUse(DATA, "installed", "")], RUN)
    refuse_unrepeated([PluginUse(NETWORK, "conv", "conv"), PluginUse(DATA, "/home/me/my:folder", "")], RUN)


@pytest.mark.parametrize(
    ("recorded", "repeated", "hint"),
    [
        ("mynet:Net", "other:Net", "Repeat --network mynet:Net"),
        ("conv", "other:Net", "Leave --network out"),
        ("mynet:Net", "conv", "Repeat --network mynet:Net"),
    ],
)
def test_another_name_than_the_recorded_one_is_refused(recorded, repeated, hint):
    with pytest.raises(InputError, match=f"uses the network {recorded}, not {repeated}. {hint}"):
        refuse_unrepeated([PluginUse(NETWORK, recorded, repeated)], RUN)
