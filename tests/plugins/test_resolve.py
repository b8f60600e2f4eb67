"""Names of plug-ins: what they lead to, and one sentence for each way in which they lead nowhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jem_tui.errors import InputError
from jem_tui.plugins import DATA, INITIAL, METRIC, NETWORK, SAMPLER, entry_names, names_code, resolve_plugin
from tests.plugins.user_folder import install, working_directory

MODULE = """
print("loading mymodule")

class Net:
    class Inner:
        pass

number = 3
"""
BROKEN = {
    "raising": "\n\nraise ValueError('the width is \\x1b[31mnegative')\n",
    "leaving": "import sys\nsys.exit(4)\n",
    "lacking": "import absent_library\n",
    "unfinished": "class Net(:\n",
    "several": "class Net: pass\ndef _own(): pass\ndef make(): pass\n"
    + "".join(f"def f{n}(): pass\n" for n in range(4)),
    "deep": "from raising import Net\n",
    "endless": "def f():\n    f()\nf()\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a working directory with one usable module and several broken ones."""
    (tmp_path / "mymodule.py").write_text(MODULE)
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "nets.py").write_text("class Net: pass\n")
    (tmp_path / "json.py").write_text("class Net: pass\n")
    for name, text in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(text)
    with working_directory(tmp_path):
        yield tmp_path


@pytest.mark.parametrize("name", ["mymodule:Net", "mymodule:Net.Inner", "inner.nets:Net"])
def test_a_module_of_the_working_directory_is_importable(folder, name, capsys):
    found = resolve_plugin(NETWORK, name)
    assert found.__qualname__ == name.partition(":")[2]
    assert sys.path[0] == str(folder)
    assert capsys.readouterr().out == ""


def test_the_working_directory_is_not_importable_before_code_is_named(folder, monkeypatch):
    before = list(sys.path)
    with pytest.raises(InputError):
        resolve_plugin(NETWORK, "mymodule")
    assert sys.path == before and not names_code("mymodule")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("mymodule:Nett", r"^mymodule has no attribute Nett \(did you mean Net\?\)\. "),
        ("mymodule:Net.Outer", r"^mymodule:Net has no attribute Outer"),
        ("mymodule:number", r"^The network mymodule:number is of type int, which cannot be called\. Name a class"),
        ("absent:Net", r"^There is no module absent for the network absent:Net\. Run from the folder"),
        ("absent.deeper:Net", r"^There is no module absent for"),
        ("mymodule.deeper:Net", r"^There is no module mymodule\.deeper for"),
        ("json:Net", r"^The module json is .*json/__init__\.py, not json\.py in the working directory\. Rename json\.py\."),
        ("raising:Net", r"cannot be imported: ValueError: the width is \\x1b\[31mnegative \(raising\.py, line 3\)\."),
        ("deep:Net", r"^The network deep:Net cannot be imported: ValueError: .* \(raising\.py, line 3\)\. .*import deep"),
        ("leaving:Net", r"cannot be imported: SystemExit: 4 \(leaving\.py, line 2\)\."),
        ("lacking:Net", r"ModuleNotFoundError: No module named 'absent_library' \(lacking\.py, line 1\)\."),
        ("unfinished:Net", r"SyntaxError: invalid syntax \(unfinished\.py, line 1\)\."),
        ("endless:Net", r"RecursionError: .* \(endless\.py, line 2\)\."),
        ("mymodule.py:Net", r"^mymodule\.py:Net is not of the form module:attribute\. Write --network mymodule:Net\.$"),
        ("./inner/nets.py:Net", r"is not of the form .* Write --network inner\.nets:Net\.$"),
        ("/elsewhere/nets.py:Net", r"Run in the folder /elsewhere, and write --network nets:Net\.$"),
        ("../nets.py:Net", r"Run in the folder \.\., and write --network nets:Net\.$"),
        ("my-net.py:Net", r"is not of the form .* names without special characters"),
        ("mymodule.py", r"is not of the form .* Write --network mymodule:Net\.$"),
        ("mymodule:", r"^mymodule: is not of the form module:attribute\. For example: --network mynet:Net\.$"),
        (":Net", r"^:Net is not of the form"),
        ("my-module:Net", r"^my-module:Net is not of the form"),
        ("mymodule:Net:Net", r"is not of the form"),
        ("mymodule.Net", r"^There is no network named mymodule\.Net\. .* write --network mymodule:Net\.$"),
        ("mymodule", r"^There is no network named mymodule \(mymodule\.py is a module\)\. Write --network mymodule:Net\.$"),
        ("several", r"Write --network several:NAME, where NAME is one of Net, make, f0, f1, f2, …\.$"),
        ("inner.nets", r"inner/nets\.py is a module\)\. Write --network inner\.nets:Net\.$"),
        ("unfinished", r"Write --network unfinished:NAME, where NAME is a class or function that unfinished\.py defines\.$"),
        ("unknown", r"^There is no network named unknown\. Install the package that provides it, or write module:attribute\.$"),
        ("x" * 500, r"^There is no network named x{79}…\. "),
    ],
)  # fmt: skip
def test_a_name_that_leads_nowhere_gets_one_sentence(folder, name, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        resolve_plugin(NETWORK, name)
    assert "\n" not in str(caught.value) and "\x1b" not in str(caught.value)


def test_an_entry_point_of_an_installed_package_is_found(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    install(folder, "mypackage", NETWORK.group, mine="mymodule:Net", broken="raising:Net", gone="mymodule:Gone")
    assert entry_names(NETWORK) == ["broken", "gone", "mine"]
    assert resolve_plugin(NETWORK, "mine").__name__ == "Net"
    with pytest.raises(InputError, match=r"network broken of the package mypackage .*\(raising\.py, line 3\)"):
        resolve_plugin(NETWORK, "broken")
    with pytest.raises(InputError, match="network gone of the package mypackage cannot be imported: AttributeError"):
        resolve_plugin(NETWORK, "gone")
    with pytest.raises(
        InputError, match=r"named mie \(did you mean mine\?\)\. It can be broken, gone, mine, or module:attribute"
    ):
        resolve_plugin(NETWORK, "mie")


def test_two_packages_with_one_name_are_refused(folder, monkeypatch):
    monkeypatch.syspath_prepend(folder)
    install(folder, "first", DATA.group, faces="mymodule:Net")
    install(folder, "second", DATA.group, faces="inner.nets:Net")
    with pytest.raises(
        InputError, match=r"data set named faces: first and second\. .* --data inner\.nets:Net or --data mymodule:Net"
    ):
        resolve_plugin(DATA, "faces")


def test_each_kind_has_a_group_and_words_of_its_own(folder):
    kinds = (NETWORK, DATA, METRIC, SAMPLER, INITIAL)
    assert len({kind.group for kind in kinds}) == len({kind.option for kind in kinds}) == 5
    assert all(names_code(kind.example) and kind.words("a:b").endswith("a:b") for kind in kinds)
