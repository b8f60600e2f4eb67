"""The account of what a log holds and is not shown."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from jem_tui.events.left_out import REASONS, LeftOut, LeftOutReason, counted, plugin_noun

ACCOUNTS = st.lists(
    st.tuples(st.sampled_from(REASONS), st.sampled_from(["record", "mesh", "value of plugin x"]), st.integers(0, 9))
)


def account(rows: Iterable[tuple[LeftOutReason, str, int]]) -> LeftOut:
    found = LeftOut()
    for reason, what, count in rows:
        found.add(reason, what, count)
    return found


def test_sentences_agree_in_number():
    found = account([("no place", "PR curve", 3), ("no place", "audio clip", 1), ("damaged", "record", 1)])
    assert found.sentences() == ["3 PR curves and 1 audio clip cannot be displayed here.", "1 record is damaged."]
    assert account([("replaced", "point", 1200)]).sentences() == ["1,200 points were replaced by a later restart."]


def test_words_have_their_plurals():
    assert (counted("mesh", 2), counted("graph", 2), counted(plugin_noun("x"), 2)) == (
        "2 meshes",
        "2 graphs",
        "2 values of plugin x",
    )


@given(ACCOUNTS, ACCOUNTS)
def test_accounts_add_up_and_survive_json(one, other):
    merged = account(one)
    merged.merge(account(other))
    assert merged == account([*one, *other])
    assert LeftOut.from_json(merged.as_json()) == merged
    assert sum(row["count"] for row in merged.as_json()) == sum(count for _, _, count in [*one, *other])
    assert len(merged.sentences()) == len({reason for reason, _, count in [*one, *other] if count})


def test_a_last_record_that_is_not_all_there_is_no_loss():
    found = account([("cut off", "file", 1)])
    assert not found and found.sentences() == ["1 file ends inside a record."]
