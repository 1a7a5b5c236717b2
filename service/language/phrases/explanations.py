"""What a decision is explained with: whole sentences and the clauses they are made of, in English and Chinese.

Unlike diagnostics these speak to business users about one profile: titles stand as they are, keys and values in
backticks. `{reason}` is a list of clauses.
"""

from collections.abc import Mapping

from service.language.diagnostics import Words


def _said(en: str, zh: str) -> Words:
    return {"en": en, "zh": zh}


CLAUSES: dict[str, Words] = {
    # Numbers, texts and the like: `>=` says what holds.
    "is/>=": _said("{name} is {value}, which is at least {bound}", "{name}为 {value}，不低于 {bound}"),
    "is/>": _said("{name} is {value}, which is above {bound}", "{name}为 {value}，高于 {bound}"),
    "is/<": _said("{name} is {value}, which is below {bound}", "{name}为 {value}，低于 {bound}"),
    "is/<=": _said("{name} is {value}, which is at most {bound}", "{name}为 {value}，不高于 {bound}"),
    "is/not-above": _said("{name} is {value}, which is not above {bound}", "{name}为 {value}，不高于 {bound}"),
    "is/==": _said("{name} is {value}", "{name}为 {value}"),
    "is/!=": _said("{name} is {value}, not {bound}", "{name}为 {value}，不是 {bound}"),
    "is/equals": _said("{name} is {value}, the same as {bound}", "{name}为 {value}，等于 {bound}"),
    "when/>=": _said("{name} is {value}, which is not before {bound}", "{name}为 {value}，不早于 {bound}"),
    "when/>": _said("{name} is {value}, which is after {bound}", "{name}为 {value}，晚于 {bound}"),
    "when/<": _said("{name} is {value}, which is before {bound}", "{name}为 {value}，早于 {bound}"),
    "when/<=": _said("{name} is {value}, which is not after {bound}", "{name}为 {value}，不晚于 {bound}"),
    "bound": _said("{name} ({value})", "{name}（{value}）"),
    # Conditions that are no comparison.
    "true": _said("{name} is true", "{name}：是"),
    "false": _said("{name} is false", "{name}：否"),
    "holds": _said("“{name}” holds ({reason})", "“{name}”成立（{reason}）"),
    "holds-not": _said("“{name}” does not hold ({reason})", "“{name}”不成立（{reason}）"),
    "tag-held": _said("tag {name} is held", "持有标签“{name}”"),
    "tag-absent": _said("tag {name} is not held", "未持有标签“{name}”"),
    "missing": _said("{name} is missing", "缺少 {name}"),
    "missing/several": _said("{name} are missing", "缺少 {name}"),
    "known": _said("{name} is known", "{name}已知"),
    "unknown/plain": _said("{name} has no result", "{name}没有结果"),
    "within": _said("{name} ({value}) lies within the last {period}", "{name}（{value}）在最近 {period} 之内"),
    "within-not": _said(
        "{name} ({value}) does not lie within the last {period}", "{name}（{value}）不在最近 {period} 之内"
    ),
    "among": _said("{name} is {value}, one of {bound}", "{name}为 {value}，属于 {bound}"),
    "among-not": _said("{name} is {value}, none of {bound}", "{name}为 {value}，不属于 {bound}"),
    "contains": _said("{bound} contains {value}", "{bound}包含 {value}"),
    "contains-not": _said("{bound} does not contain {value}", "{bound}不包含 {value}"),
    "any_of": _said("{name} has one of {bound}", "{name}包含 {bound} 之一"),
    "any_of-not": _said("{name} has none of {bound}", "{name}不包含 {bound} 中的任何一个"),
    "all_of": _said("{name} has all of {bound}", "{name}包含全部 {bound}"),
    "all_of-not": _said("{name} lacks some of {bound}", "{name}未包含全部 {bound}"),
    "starts_with": _said("{name} is {value}, which begins with {bound}", "{name}为 {value}，以 {bound} 开头"),
    "starts_with-not": _said(
        "{name} is {value}, which does not begin with {bound}", "{name}为 {value}，不以 {bound} 开头"
    ),
    "ends_with": _said("{name} is {value}, which ends with {bound}", "{name}为 {value}，以 {bound} 结尾"),
    "ends_with-not": _said("{name} is {value}, which does not end with {bound}", "{name}为 {value}，不以 {bound} 结尾"),
    # Names of what is observed.
    "name/attribute": _said("{title}", "{title}"),
    "name/days_since": _said("days since {name}", "距 {name} 的天数"),
    "name/hours_since": _said("hours since {name}", "距 {name} 的小时数"),
    "name/calendar_days_since": _said("calendar days since {name}", "距 {name} 的日历天数"),
    "name/months_since": _said("months since {name}", "距 {name} 的月数"),
    "name/length": _said("the length of {name}", "{name}的长度"),
    "name/taken": _said("{name} (missing, taken as {bound})", "{name}（缺失，按 {bound} 计）"),
    "name/bucket": _said("the bucket of {name}", "分桶 {name}"),
    "name/stage": _said("the stage", "所处阶段"),
    "name/since-stage": _said("the beginning of the present stage", "进入当前阶段的时间"),
    "name/since-tag": _said("the beginning of tag {name}", "标签“{name}”的开始时间"),
    "name/since-tier": _said("the beginning of the present band of {name}", "进入 {name} 当前档位的时间"),
    "name/event-type": _said("the event", "事件"),
    "name/event-text": _said("the event's text", "事件文本"),
    "name/event-at": _said("the time of the event", "事件时间"),
    "name/now": _said("the present instant", "当前时刻"),
    "name/today": _said("today", "今天"),
    # What joins clauses.
    "and": _said("{left} and {right}", "{left}，且 {right}"),
    "list": _said("{left}, {right}", "{left}、{right}"),
    "more": _said("{left} and {count} more reasons", "{left}，另有 {count} 条原因"),
    "event": _said("event {name} came", "发生了事件“{name}”"),
    "event-text": _said("event {name} came with the text {value}", "发生了事件“{name}”，文本为 {value}"),
    "no-event": _said("no event of {name} came", "没有发生 {name} 中的事件"),
    "held-for": _said("that has held since {since}, long enough ({period})", "自 {since} 起一直如此，已满 {period}"),
}
"""The parts of a sentence, by name; `-not` says the opposite."""

EXPLANATIONS: dict[str, Words] = {
    "tag/assigned": _said("Tag {name} was assigned because {reason}", "打上标签“{name}”，因为{reason}"),
    "tag/kept": _said("Tag {name} is held because {reason}", "持有标签“{name}”，因为{reason}"),
    "tag/removed": _said("Tag {name} was removed because {reason}", "移除标签“{name}”，因为{reason}"),
    "tag/expired": _said("Tag {name} expired because {reason}", "标签“{name}”到期，因为{reason}"),
    "tag/absent": _said("Tag {name} is not held because {reason}", "未持有标签“{name}”，因为{reason}"),
    "tag/suppressed": _said(
        "Tag {name} applies, but {reason}, and its group has one place",
        "标签“{name}”符合条件，但{reason}，而该组只能持有一个",
    ),
    "tag/blocked": _said("Tag {name} is kept away because {reason}", "标签“{name}”被阻止，因为{reason}"),
    "tag/undetermined": _said(
        "Tag {name} could not be decided because {reason}; nothing changed",
        "标签“{name}”无法判定，因为{reason}；保持不变",
    ),
    "tag/waiting": _said(
        "Tag {name} will be assigned at {due} if this still holds: {reason}",
        "若以下条件持续成立，将于 {due} 打上标签“{name}”：{reason}",
    ),
    "tag/waiting-long": _said(
        "Tag {name} waits for longer than the calendar reaches, although {reason}",
        "标签“{name}”的等待超出历法范围，尽管{reason}",
    ),
    "tier/entered": _said("{name} entered {target} because {reason}", "{name}进入“{target}”，因为{reason}"),
    "tier/rose": _said(
        "{name} rose from {source} to {target} because {reason}", "{name}由“{source}”升至“{target}”，因为{reason}"
    ),
    "tier/fell": _said(
        "{name} fell from {source} to {target} because {reason}", "{name}由“{source}”降至“{target}”，因为{reason}"
    ),
    "tier/kept": _said("{name} stays {target} because {reason}", "{name}保持“{target}”，因为{reason}"),
    "tier/waiting": _said(
        "{name} stays {source} until {due}, then moves to {target} if this still holds: {reason}",
        "{name}在 {due} 之前保持“{source}”，若以下条件届时仍成立则转为“{target}”：{reason}",
    ),
    "tier/undetermined": _said(
        "{name} could not be decided because {reason}; it stays {source}",
        "{name}无法判定，因为{reason}；保持“{source}”",
    ),
    "tier/unknown-band": _said("unknown", "未知"),
    "stage/entered": _said(
        "The profile was seen for the first time and begins in stage {target}", "首次见到该客户，从阶段“{target}”开始"
    ),
    "stage/moved": _said(
        "The stage changed from {source} to {target} ({rule}) because {reason}",
        "阶段由“{source}”变为“{target}”（{rule}），因为{reason}",
    ),
    "stage/moved-version": _said(
        "The stage changed from {source} to {target} because the version no longer has {source}",
        "阶段由“{source}”变为“{target}”，因为新版本不再有“{source}”",
    ),
    "stage/kept": _said("The stage stays {target} because {reason}", "阶段保持“{target}”，因为{reason}"),
    "stage/waiting": _said(
        "The stage stays {source} until {due}, then becomes {target} ({rule}) if this still holds: {reason}",
        "阶段在 {due} 之前保持“{source}”，若以下条件届时仍成立则变为“{target}”（{rule}）：{reason}",
    ),
    "stage/undetermined": _said(
        "The stage could not be decided because {reason}; it stays {source}",
        "阶段无法判定，因为{reason}；保持“{source}”",
    ),
    "stage/conflict": _said(
        "The rules contradict each other ({rules}), so the stage stays {source}",
        "规则互相矛盾（{rules}），因此阶段保持“{source}”",
    ),
    "score/known": _said("{name} is {value}: {reason}", "{name}为 {value}：{reason}"),
    "score/unknown": _said("{name} is unknown: {reason}", "{name}未知：{reason}"),
    "action/fired": _said("Action {name} fired on {change}", "因 {change}，触发动作“{name}”"),
    "action/lost": _said(
        "Action {name} did not fire on {change} because {reason}", "{change}，但动作“{name}”未触发，因为{reason}"
    ),
}
"""Whole sentences: what was decided, and why."""

REASONS: dict[str, Words] = {
    "manual/assigned": _said("{actor} assigned it by hand: {text}", "{actor} 手动打上：{text}"),
    "manual/blocked": _said("{actor} blocked it by hand: {text}", "{actor} 手动阻止：{text}"),
    "manual/ended": _said("a person's word on it ended", "人工设定已结束"),
    "manual/only": _said("it is given by hand only", "仅可手动打上"),
    "default": _said("no other tag of {group} is held", "没有持有“{group}”组的其他标签"),
    "default-not": _said("tag {other} of {group} is held", "已持有“{group}”组的标签“{other}”"),
    "rival": _said("tag {other} of {group} is held instead", "已改为持有“{group}”组的标签“{other}”"),
    "gone": _said("the version no longer has it", "新版本不再有它"),
    "over": _said("its time was over ({period} after the last sign)", "有效期已过（最后一次之后 {period}）"),
    "valid-until": _said("nobody holds it from {until} on", "自 {until} 起不再有人持有"),
    "until": _said("its end came: {reason}", "结束条件成立：{reason}"),
    "sticky": _said("it was assigned before and has not ended", "先前已打上且尚未结束"),
    "fading": _said("it was assigned before and ends at {until}", "先前已打上，将于 {until} 结束"),
    "event-tag": _said("an event assigned it before", "先前由事件打上"),
    "waits": _said("its wait is not over", "等待尚未结束"),
    "no-rule": _said("it has no rule", "没有规则"),
    "band": _said("{input} is {value}, which is at least {start}", "{input}为 {value}，不低于 {start}"),
    "band-between": _said(
        "{input} is {value}, which is at least {start} and below {end}",
        "{input}为 {value}，不低于 {start} 且低于 {end}",
    ),
    "band-lowest": _said("{input} is {value}, which is below {end}", "{input}为 {value}，低于 {end}"),
    "band-only": _said("{input} is {value}", "{input}为 {value}"),
    "margin": _said("less than the margin of {margin} below {start}", "未低于 {start} 超过余量 {margin}"),
    "no-transition": _said("no transition from it applies: {reason}", "没有适用的转移：{reason}"),
    "no-exit": _said("no transition leads from it", "没有从它出发的转移"),
    "rule": _said("{rule}: {reason}", "{rule}：{reason}"),
    "component": _said(
        "{name} gives {value} of 100 with {share} of the weight", "{name}得 {value} 分（满分 100），占权重 {share}"
    ),
    "component-missing": _said("{name} is unknown (missing: {missing})", "{name}未知（缺少 {missing}）"),
    "component-unknown": _said("{name} has no result", "{name}没有结果"),
    "zero": _said("what is missing counts as 0", "缺失部分计为 0"),
    "reweight": _said("the known parts share the whole weight", "已知部分分担全部权重"),
    "all-needed": _said("every part is needed", "每一部分都不可缺少"),
    "coverage": _said(
        "only {coverage} of the weight is known, and {least} is needed", "已知权重仅 {coverage}，需要 {least}"
    ),
    "cooldown": _said("it last fired at {fired} and rests for {period}", "上次于 {fired} 触发，冷却期为 {period}"),
    "quiet": _said("the request asked for quiet", "请求要求静默"),
    "rules": _said("only the new version brought the change", "该变化仅由新版本带来"),
    "condition": _said("its condition does not hold: {reason}", "条件不成立：{reason}"),
    "change/tag": _said("tag {name} being assigned", "打上标签“{name}”"),
    "change/tier": _said("{name} entering {target}", "{name}进入“{target}”"),
    "change/stage": _said("stage {target} being entered", "进入阶段“{target}”"),
}
"""Why, where no condition says it."""

NEAREST: dict[str, Words] = {
    "if": _said("If {changes}, {effect}", "若{changes}，则{effect}"),
    "change": _said("{name} were {to} instead of {value}", "{name}为 {to}（现为 {value}）"),
    "change/missing": _said("{name}, which is missing, were {to}", "{name}（现缺失）为 {to}"),
    "change/removed": _said("{name} were missing instead of {value}", "{name}缺失（现为 {value}）"),
    "change/event": _said("event {name} came", "发生事件“{name}”"),
    "change/event-text": _said("event {name} came with the text {value}", "发生事件“{name}”，文本为 {value}"),
    "effect/tag": _said("tag {name} would be held", "将持有标签“{name}”"),
    "effect/stage": _said("the stage would be {target}", "阶段将为 {target}"),
    "effect/tier": _said("{name} would be {target}", "{name}将为 {target}"),
    "later": _said("{effect} from {due} on", "自 {due} 起{effect}"),
    "wait": _said("Without new data, {effect} from {due} on", "若无新数据，自 {due} 起{effect}"),
}
"""What would have to be otherwise."""

PROPOSALS: dict[str, Words] = {
    "title": _said("{rule}: {clause}", "{rule}：{clause}"),
    "wait/before": _said("{rule}: just before its time is over", "{rule}：等待即将结束"),
    "wait/due": _said("{rule}: its time is over", "{rule}：等待结束"),
    "part": _said("{rule}, {part}", "{rule}，{part}"),
    "gap/journey": _said("no profile was found for which the rule is at work", "未找到使该规则生效的用户"),
    "gap/alone": _said("no profile was found for which this condition alone decides", "未找到仅由该条件决定结果的用户"),
}
"""What examples that are proposed are called, and why none could be."""

SPOKEN: Mapping[str, dict[str, Words]] = {
    "clause": CLAUSES,
    "sentence": EXPLANATIONS,
    "reason": REASONS,
    "nearest": NEAREST,
    "proposal": PROPOSALS,
}
"""Everything that is said to business users, by kind."""

MUTANTS: dict[str, Words] = {
    "survivor": _said("no example notices this change: {change}", "没有示例能发现此改动：{change}"),
}
"""What the examples do not hold."""
