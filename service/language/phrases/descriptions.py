"""What a ruleset's rules are described with, before any profile is decided: sentences and clauses, English and Chinese.

Titles stand as they are; keys and what has no words of its own stand in backticks.
"""

from service.language.diagnostics import Words


def _said(en: str, zh: str) -> Words:
    return {"en": en, "zh": zh}


MEANINGS: dict[str, Words] = {
    # Conditions.
    ">=": _said("{name} is at least {bound}", "{name}不低于 {bound}"),
    ">": _said("{name} is above {bound}", "{name}高于 {bound}"),
    "<": _said("{name} is below {bound}", "{name}低于 {bound}"),
    "<=": _said("{name} is at most {bound}", "{name}不高于 {bound}"),
    "==": _said("{name} is {bound}", "{name}为 {bound}"),
    "!=": _said("{name} is not {bound}", "{name}不是 {bound}"),
    "date/>=": _said("{name} is not before {bound}", "{name}不早于 {bound}"),
    "date/>": _said("{name} is after {bound}", "{name}晚于 {bound}"),
    "date/<": _said("{name} is before {bound}", "{name}早于 {bound}"),
    "date/<=": _said("{name} is not after {bound}", "{name}不晚于 {bound}"),
    "true": _said("{name} is true", "{name}：是"),
    "missing": _said("{name} is missing", "缺少 {name}"),
    "known": _said("{name} is known", "{name}已知"),
    "tag": _said("tag {name} is held", "持有标签 {name}"),
    "within": _said("{name} lies within the last {bound}", "{name}在最近 {bound}之内"),
    "among": _said("{name} is one of {bound}", "{name}属于 {bound} 之一"),
    "contains": _said("{bound} contains {name}", "{bound}包含 {name}"),
    "any_of": _said("{name} has one of {bound}", "{name}包含 {bound} 之一"),
    "all_of": _said("{name} has all of {bound}", "{name}包含全部 {bound}"),
    "starts_with": _said("{name} begins with {bound}", "{name}以 {bound} 开头"),
    "ends_with": _said("{name} ends with {bound}", "{name}以 {bound} 结尾"),
    "not": _said("not ({name})", "并非（{name}）"),
    "and": _said(" and ", "，且 "),
    "or": _said(" or ", "，或 "),
    "group": _said("({name})", "（{name}）"),
    "latest": _said("the latest of {name}", "{name} 中最近的一个"),
    "fallback": _said("{name} ({bound} if missing)", "{name}（缺失时按 {bound} 计）"),
    # Rules.
    "tag/while": _said("Held while {when}", "满足以下条件时持有：{when}"),
    "tag/once": _said("Given once {when}", "满足以下条件即打上：{when}"),
    "tag/event": _said("Given when {events} comes", "发生 {events} 时打上"),
    "tag/event-when": _said("Given when {events} comes and {when}", "发生 {events} 且满足以下条件时打上：{when}"),
    "tag/by-hand": _said("Given by hand only", "仅可人工打上"),
    "tag/default": _said("Held while no other tag of its group is", "组内没有其他标签时持有"),
    "held-for": _said("without a break for {period}", "持续满 {period}"),
    "until": _said("until {when}", "直到：{when}"),
    "expires-after": _said("for {period} after that", "此后保留 {period}"),
    "valid-until": _said("not after {at}", "有效期至 {at}"),
    "exclusive": _said("one of its group at a time", "同组只能持有一个"),
    "transition": _said("From {sources} to {target}", "从 {sources} 到 {target}"),
    "any-stage": _said("any stage", "任意阶段"),
    "when": _said("when {when}", "条件：{when}"),
    "on": _said("on {events}", "发生 {events} 时"),
    "after-stay": _said("after at least {period} in the stage", "在该阶段至少停留 {period} 之后"),
    "band": _said("from {start}", "{start} 起"),
    "band/first": _said("below {start}", "低于 {start}"),
    "band/only": _said("always", "始终"),
    "action/stage": _said("entering {name}", "进入 {name}"),
    "action/tag": _said("getting the tag {name}", "打上标签 {name}"),
    "action/band": _said("entering {name} of {tier}", "进入 {tier} 的 {name}"),
    "cooldown": _said("at most once in {period}", "{period}内最多一次"),
    "joint": _said(", ", "；"),
}
"""Parts of what a rule says."""
