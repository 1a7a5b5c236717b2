"""Where the constructs of a draft stand, what mends them, and what is kept of two people's changes."""

import pytest

from service.console.editing.checking import check, fix_of
from service.console.editing.keeping import kept, units_of
from service.console.editing.places import duplicate, moved, referring, renamed, slug, where_is
from service.language.pretty import pretty_text
from tests.small import as_read, changed


@pytest.mark.parametrize(
    ("when", "mended"),
    [
        ("visits >= 3 && vip", "visits >= 3 and vip"),
        ("plan = 'paid'", "plan == 'paid'"),
        ("plan == 'payd'", "plan == 'paid'"),
        ("scor.activity > 3", None),
    ],
)
def test_slips_are_mended_where_the_remedy_is_known(when, mended):
    """What is known to be meant is offered as a whole condition; nothing is offered where nobody knows."""
    document = changed(tags=[{"key": "regular", "when": when}], actions=[], values=[])
    found = [fix_of(as_read(document), one) for one in check(pretty_text(document)).found if one.severity == "error"]

    assert (found[0] and found[0][1]) == mended


def test_references_are_found_wherever_they_stand():
    """Who uses an entry is known from expressions, groups, triggers, stages and examples."""
    document = as_read(
        changed(
            examples=[
                {"steps": [{"attributes": {"visits": 1}, "expect": {"stage": "active", "scores": {"activity": 10}}}]}
            ]
        )
    )

    assert referring(document, "tags", "regular") == [("values", "cap"), ("actions", "thank")]
    assert ("tags", "regular") in referring(document, "attributes", "visits")
    assert ("examples", "~0") in referring(document, "attributes", "visits")
    assert ("tiers", "band") in referring(document, "scores", "activity")
    assert ("lifecycle", "") in referring(document, "stages", "new")
    assert ("tags", "greeted") in referring(document, "events", "hello")


def test_entries_are_placed_and_named():
    """Order is changed inside a group only; copies and keys are free ones; a pointer leads to its entry."""
    tags = [{"key": "a", "group": "g"}, {"key": "b"}, {"key": "c", "group": "g"}]

    assert [one["key"] for one in moved(tags, 2, -1, "g")] == ["c", "a", "b"]
    assert moved(tags, 0, -1) == tags
    assert [one["key"] for one in duplicate([{"key": "a"}, {"key": "a_copy"}], 0)] == ["a", "a_copy_2", "a_copy"]
    assert slug("30 Days: Big Spender!") == "days_big_spender"
    assert slug("大客户") == ""
    document = as_read(changed())
    assert where_is(document, "/tags/1/when") == ("tags", "stale")
    assert where_is(document, "/lifecycle/transitions/0/when") == ("transitions", "wakes")
    assert where_is(document, "/lifecycle/initial") == ("lifecycle", "")
    assert where_is(document, "/timezone") == ("ruleset", "")
    assert renamed(document, "stages", 0, "fresh", keeps_alias=True)["lifecycle"]["stages"][0] == {
        "key": "fresh",
        "aliases": ["new"],
    }


def test_only_what_is_chosen_is_kept():
    """Of two people's changes each construct is taken whole from the one or from the other."""
    base = as_read(changed())
    theirs = as_read(changed(timezone="UTC", tags=[{"key": "regular", "when": "visits >= 4"}, *base["tags"][1:]]))
    yours = as_read(
        changed(
            title={"en": "Mine"},
            tags=[{"key": "new_one"}, {"key": "regular", "when": "visits >= 5"}, *base["tags"][2:]],
        )
    )
    units = {one.name: one.is_contested for one in units_of(base, theirs, yours)}

    assert units == {"ruleset:title": False, "tags:new_one": False, "tags:regular": True, "tags:stale": False}
    found = kept(base, theirs, yours, {"tags:new_one", "tags:stale", "ruleset:title"})
    assert [one["key"] for one in found["tags"]] == ["new_one", "regular", "keen", "greeted"]
    assert found["tags"][1]["when"] == "visits >= 4"
    assert found["title"] == {"en": "Mine"}
    assert found["timezone"] == "UTC"
    assert kept(base, theirs, yours, {"tags:regular"})["tags"][0]["when"] == "visits >= 5"
    other = {**base, "tags": base["tags"][::-1]}
    assert [one.name for one in units_of(base, base, other)] == ["tags:(order)"]
    assert kept(base, theirs, other, {"tags:(order)"})["tags"][-1]["when"] == "visits >= 4"
