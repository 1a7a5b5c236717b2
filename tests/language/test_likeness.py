"""Which names a reader would take for one another, and which only look like it to a machine."""

import pytest

from service.language.likeness import alike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wants discounts", "wants discount"),
        ("wake-up", "Wake up"),
        ("Wake up", "wakeup"),
        ("discount wanted", "wanted discount"),
        ("Dormant member", "Dormnat member"),
        ("Dormant member", "Dorment member"),
        ("Dormant member", "Dormannt member"),
        ("silent_candidate", "silent_candidates"),
        ("VIP", "vip"),
        ("\uff36\uff29\uff30", "VIP"),
        ("VIP 客户", "VIP客户"),
        ("高价值客户", "高价值用户"),
        ("喜欢优惠券", "优惠券喜欢"),
        ("兴趣-优惠活动", "兴趣-优惠活动们"),
    ],
)
def test_names_that_are_taken_for_one_another(one, other):
    """The same words in other clothes, and a slip of one letter in a longer word, are alike, whichever comes first."""
    assert list(alike([("a", one), ("b", other)])) == [(("b", other), ("a", one))]
    assert list(alike([("b", other), ("a", one)])) == [(("a", one), ("b", other))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("active", "inactive"),
        ("clicked_a", "clicked_b"),
        ("age 25 to 44", "age 25 to 45"),
        ("wave2024x", "wave2025x"),
        ("phase1234", "phase12345"),
        ("new member", "old member"),
        ("cart", "card game"),
        ("bought it", "bought"),
        ("survey due", "survey done"),
        ("wake up", "wakeups"),
        ("reader board", "leader beard"),
        ("abcdef", "badcfe"),
        ("已购买产品", "未购买产品"),
        ("高活跃客户", "低活跃客户"),
        ("低活跃客户", "高活跃客户"),
        ("活跃客户群", "不活跃客户群"),
        ("北部", "南部"),
        ("--", "!!"),
        ("行为-已购买A产品", "行为-已购买B产品"),
    ],
)
def test_names_that_are_told_apart(one, other):
    """Numbers, short words and opposites tell names apart, as does more than one letter."""
    assert not list(alike([("a", one), ("b", other)]))


def test_each_name_is_told_of_the_first_it_is_like():
    """Of many that are alike, each is told of once, with the one that came first; the same key is never like itself."""
    names = [("a", "Sleeping"), ("b", "sleeping"), ("c", "SLEEPING"), ("c", "Sleeping!")]
    assert [(one[0], other[0]) for one, other in alike(names)] == [("b", "a"), ("c", "a"), ("c", "a")]


def test_hundreds_of_names_cost_little():
    """However alike hundreds of names are, each is compared with a few only."""
    assert len(list(alike([(str(index), "the same title for everybody") for index in range(600)]))) == 599
