"""What a proof says of a ruleset: what holds for every profile, or one profile shows; and why a question is open."""

from collections.abc import Mapping

from service.language.diagnostics import Words
from service.language.phrases.phrase import Phrase, phrase

PROOFS: dict[str, Phrase] = {
    "never-true": phrase(
        "no profile can make `{rule}` true",
        "任何用户都不能使 `{rule}` 为真",
        "its parts contradict each other, or the declared range of an attribute: correct it, or remove the rule",
        "它的各部分互相矛盾，或与属性声明的范围矛盾：请更正，或删除该规则",
    ),
    "never-true/case": phrase(
        "no profile comes as far as `{rule}`: an earlier case answers, or its own condition is never true",
        "任何用户都到不了 `{rule}`：前面的分支已作答，或它自己的条件永不为真",
        "put the narrower case first, or remove this one",
        "请把更窄的分支放在前面，或删除此分支",
    ),
    "always-true": phrase(
        "`{rule}` is true for every profile",
        "`{rule}` 对所有用户都为真",
        "ask for something that can also be otherwise, or leave the condition out",
        "请写一个可能不成立的条件，或去掉它",
    ),
    "shadowed-transition/proven": phrase(
        "`{key}` never fires: wherever it could, one of {earlier} fires first",
        "`{key}` 永远不会触发：凡它可触发之处，{earlier} 之一会先触发",
        "put the narrower one first, or remove one",
        "请把更窄的放在前面，或删除其一",
    ),
    "shadowed-tag": phrase(
        "`{key}` is never held by its rule: wherever it applies, one of {earlier} takes the place in the group",
        "`{key}` 永远不会因规则被持有：凡它适用之处，{earlier} 之一会占据组内位置",
        "put the narrower one first, or remove one",
        "请把更窄的放在前面，或删除其一",
    ),
    "overlapping-tags": phrase(
        "`{key}` and `{earlier}` exclude each other and apply to one profile; the order decides for `{earlier}`",
        "`{key}` 与 `{earlier}` 互斥，却适用于同一用户；按顺序由 `{earlier}` 占先",
        "where that is not meant, narrow one of them",
        "若非本意，请收窄其中之一",
    ),
    "uncovered-group": phrase(
        "some profile fits no tag of the exclusive group `{key}`, which has no default",
        "有用户不符合互斥组 `{key}` 的任何标签，而该组没有默认标签",
        "where everybody should have one, name a `default`",
        "若每人都应有一个，请指定 `default`",
    ),
    "unreachable-stage/proven": phrase(
        "no profile can come to `{key}`: no transition that leads there can ever fire",
        "任何用户都到不了 `{key}`：通向它的转换都不可能触发",
        "correct the transitions that lead to it, or remove it",
        "请更正通向它的转换，或删除它",
    ),
    "stage-without-exit/proven": phrase(
        "no profile can leave `{key}`: none of its transitions can ever fire",
        "任何用户都离不开 `{key}`：它的转换都不可能触发",
        "correct the transitions that leave it",
        "请更正离开它的转换",
    ),
    "oscillation": phrase(
        "for one profile at one instant {keys} all apply and lead in a circle, so nothing moves",
        "同一用户在同一时刻同时满足 {keys}，它们绕成一圈，因此不会移动",
        "narrow one of them so that they exclude each other",
        "请收窄其中之一，使它们互斥",
    ),
    "unreachable-band": phrase(
        "no profile can come to band `{key}` of tier `{tier}`: the input never lies there",
        "任何用户都到不了等级 `{tier}` 的档位 `{key}`：输入永远不在该范围",
        "correct the input or the band's `from`",
        "请更正输入或档位的 `from`",
    ),
}

OPEN: Mapping[str, Words] = {
    "time": {
        "en": "the time given was too short; give more, or make the condition simpler",
        "zh": "给定的时间太短；请增加时间，或简化条件",
    },
    "memory": {
        "en": "it depends on what was remembered before, which is only roughly followed",
        "zh": "它取决于此前记住的内容，这里只作粗略推演",
    },
    "text": {
        "en": "it reads texts that may be anything, part by part",
        "zh": "它逐段读取任意文本",
    },
    "calendar": {
        "en": "it counts months or takes dates apart by the calendar",
        "zh": "它按日历计算月份或拆分日期",
    },
    "arithmetic": {
        "en": "it multiplies or divides two numbers that both vary",
        "zh": "它将两个都会变化的数相乘或相除",
    },
    "rounding": {
        "en": "it may round numbers to 28 digits",
        "zh": "它可能把数字舍入到 28 位",
    },
    "lists": {
        "en": "it compares lists whose texts are not written in the ruleset",
        "zh": "它比较的列表内容并未写在规则集中",
    },
    "bucket": {
        "en": "it depends on the hash of the profile's id",
        "zh": "它取决于用户标识的散列值",
    },
    "shape": {
        "en": "the versions differ in more than conditions, and no profile was found that shows it",
        "zh": "两个版本不止条件不同，且未找到能显示差异的用户",
    },
    "search": {
        "en": "it may be met, but no profile was found that meets it",
        "zh": "它也许能满足，但未找到满足它的用户",
    },
}
"""Why a question is left open, by a stable word."""
