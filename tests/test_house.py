"""Measures of the source tree, each on a small example."""

from __future__ import annotations

from pathlib import Path

import pytest
from measures.docstrings import docstrings_of, is_short_and_empty, opens_with_verb
from measures.duplicates import repeated_blocks
from measures.glossary import problems
from measures.rooms import components, is_upward, longest_chain, orders
from measures.source_tree import SourceFile
from measures.table import Row
from measures.untyped import untyped_in
from measures.vocabulary import vocabulary

BLOCK = "".join(f"value_{number} = {number}\n" for number in range(6))


@pytest.mark.parametrize(
    "line",
    [
        "it is Told here",
        "def go_on():",
        "class GoOn:",
        "what the sampler tells",
        "x = Lineup()",
        "a full disk ends no training.",
        "the tiles are no chains",
        "files lie in the folder",
    ],
)
def test_banned_words_are_found_in_prose_and_identifiers(line: str) -> None:
    found = list(vocabulary().findings(SourceFile("jem_tui/x.py", f"\n{line}\n")))
    assert found
    assert {finding.line for finding in found} == {2}
    assert all(" → " in finding.text for finding in found)


@pytest.mark.parametrize(
    "line",
    [
        "file.tell()",
        "each in turn",
        "def test_in_turn():",
        "return category",
        "def retold_stories():",
        "toll_free_x = tolled",
        "a training run ends",
        "there is no folder",
        "values lie in [0, 1]",
    ],
)
def test_allowed_phrases_and_parts_of_words_pass(line: str) -> None:
    found = [finding.text for finding in vocabulary().findings(SourceFile("jem_tui/x.py", line))]
    assert found == (["toll → loss summary, cost"] if "toll_" in line else [])


def test_retired_names_are_found_only_where_they_are_defined() -> None:
    file = SourceFile("jem_tui/x.py", "from rich.table import Table\n\n\nclass Table:\n    pass\n")
    assert [finding.line for finding in vocabulary().retired_definitions(file)] == [4]


def test_each_allowance_has_a_reason() -> None:
    assert all(allowance.reason for allowance in vocabulary().allowed)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Return whether a chain is saturated.", True),
        ("Count steps.", True),
        ("Count of steps.", False),
        ("Returns the loss.", False),
        ("The loss.", False),
        ("Whether a chain is saturated.", False),
    ],
)
def test_a_verb_is_distinguished_from_a_noun(text: str, expected: bool) -> None:
    (docstring,) = docstrings_of(SourceFile("jem_tui/x.py", f'def name():\n    """{text}"""\n'))
    assert opens_with_verb(docstring) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Of each tag.", True),
        ("One of them.", True),
        ("More or less.", True),
        ("Pixels in [0, 1].", False),
        ("Print one line.", False),
    ],
)
def test_short_docstrings_need_content(text: str, expected: bool) -> None:
    (docstring,) = docstrings_of(SourceFile("jem_tui/x.py", f'x = 1\n"""{text}"""\n'))
    assert is_short_and_empty(docstring) is expected


def test_properties_and_fixtures_count_as_nouns() -> None:
    text = 'class A:\n    """Text."""\n    @property\n    def one(self):\n        """Text."""\n    def two(self):\n        """Text."""\n'
    kinds = {docstring.name: docstring.kind for docstring in docstrings_of(SourceFile("jem_tui/x.py", text))}
    assert kinds == {"A": "noun", "one": "noun", "two": "function"}


def test_a_repeated_block_counts_once_and_ignores_blank_lines() -> None:
    longer = BLOCK + "after = 1\n"
    files = [
        SourceFile("a.py", f"import os\n{longer}"),
        SourceFile("b.py", '"""Text."""\n\n' + longer.replace("\n", "\n\n")),
    ]
    (found,) = repeated_blocks(files)
    assert (found.path, found.line) == ("b.py", 3)
    assert repeated_blocks([SourceFile("a.py", BLOCK), SourceFile("b.py", BLOCK.replace("value_3", "other"))]) == []


def test_helpers_need_types_and_tests_do_not() -> None:
    text = "def test_x(a):\n    def inner(b): ...\n\ndef helper(a) -> int: ...\n\nclass Fake:\n    def run(self, a: int) -> None: ...\n"
    assert [finding.line for finding in untyped_in(SourceFile("tests/test_x.py", text))] == [4]
    assert len(untyped_in(SourceFile("tests/runs.py", text))) == 3


def test_floors_and_circles_of_imports() -> None:
    imports = {"a": {"b"}, "b": {"c"}, "c": set(), "d": {"c"}}
    assert longest_chain(imports) == 3
    assert all(len(group) == 1 for group in components(imports))
    assert ["a", "b", "c"] in components(imports | {"c": {"a"}})


def test_an_import_against_the_layers_is_upward() -> None:
    (order,) = orders({"layers": ["p.top", "p.left | p.right", "p.low"]})
    assert is_upward(("p.low.x", "p.left"), order)
    assert not is_upward(("p.top", "p.low.x"), order)
    assert not is_upward(("p.lower", "p.top"), order)


def test_a_glossary_entry_must_name_what_exists() -> None:
    assert list(problems("| drive | text | `stream/drive.py`: `drive`, `events/` | |")) == []
    assert list(problems("| drive | text | `stream/drive.py`: `Steer` | |")) == ["no Steer in stream/drive.py"]
    assert list(problems("| drive | text | `stream/nowhere.py` | |")) == ["no such path: stream/nowhere.py"]


@pytest.mark.parametrize(
    ("value", "enforced", "state"),
    [(0, True, "met"), (0, False, "met"), (1, True, "missed"), (1, False, "not enforced"), (None, True, "missed")],
)
def test_only_a_miss_that_fails_the_check_is_called_missed(value: float | None, enforced: bool, state: str) -> None:
    assert Row("title", value, at_most=0, at_least=None, enforced=enforced).state == state


def test_every_file_of_tests_has_a_name_of_its_own() -> None:
    # pytest cannot collect two files of one name in one session, because the folders of the tests are not packages.
    files = sorted(Path(__file__).parent.rglob("test_*.py"))
    repeated = [path for path in files if sum(other.name == path.name for other in files) > 1]
    assert repeated == []
