"""Names of the user's classes and functions."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from jem_tui.api.code_names import code_name
from jem_tui.errors import InputError
from jem_tui.plugins import NETWORK


class Net:
    """A class at the top level of a module, which contains another one."""

    class Inner: ...


def test_a_class_of_a_module_is_named_by_module_and_class():
    assert code_name(NETWORK, Net) == f"{__name__}:Net"
    assert code_name(NETWORK, Net.Inner) == f"{__name__}:Net.Inner"


def test_a_name_is_unchanged():
    assert code_name(NETWORK, "mynet:Net") == "mynet:Net"


def test_a_class_of_a_notebook_is_named_by_main(monkeypatch: pytest.MonkeyPatch):
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    exec("class Net: ...", vars(main))
    assert code_name(NETWORK, main.Net) == "__main__:Net"


def test_an_object_without_a_name_is_refused():
    class Local: ...

    for code in (Local, lambda shape, classes: None, NETWORK):
        with pytest.raises(InputError, match="cannot be found by its name"):
            code_name(NETWORK, code)
