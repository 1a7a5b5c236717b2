"""What is said of the differences between two rulesets: nouns, labels and sentences, in English and Chinese.

Data only. `{name}` is a construct as it is called in a sentence, such as "tag `Reader`"; `{label}` is one of `LABELS`.
"""

from collections.abc import Mapping

Words = Mapping[str, str]


def _said(en: str, zh: str) -> Words:
    return {"en": en, "zh": zh}


NOUNS: dict[str, Words] = {
    "ruleset": _said("the ruleset", "规则集"),
    "attribute": _said("attribute", "属性"),
    "event": _said("event", "事件"),
    "value": _said("value", "值"),
    "case": _said("case", "分支"),
    "score": _said("score", "评分"),
    "component": _said("component", "评分项"),
    "point": _said("step", "台阶"),
    "tier": _said("tier", "等级"),
    "band": _said("band", "档位"),
    "tag_group": _said("tag group", "标签组"),
    "tag": _said("tag", "标签"),
    "lifecycle": _said("the lifecycle", "生命周期"),
    "stage": _said("stage", "阶段"),
    "transition": _said("transition", "转移"),
    "action": _said("action", "动作"),
    "example": _said("example", "示例"),
}
"""What a construct is called, by the stem of its name."""

LABELS: dict[str, Words] = {
    "after_stay": _said("the least time in the present stage", "在当前阶段的最短时间"),
    "aliases": _said("the list of former keys", "旧键列表"),
    "cooldown": _said("the pause before it fires again", "再次触发前的间隔"),
    "decimals": _said("the number of decimals", "小数位数"),
    "default": _said("the default", "默认"),
    "description": _said("the description", "说明"),
    "dimension": _said("the dimension", "维度"),
    "enum": _said("the list of accepted values", "可接受的值"),
    "exclusive": _said("whether one tag is held at most", "是否至多持有一个标签"),
    "expires_after": _said("the time until it expires", "到期时间"),
    "expression": _said("the expression", "表达式"),
    "fall": _said("the way down", "降档方式"),
    "fall_after": _said("the wait before a fall", "降档前的等待"),
    "format": _said("the version of the language", "语言版本"),
    "from": _said("the list of stages it leaves", "出发阶段"),
    "goal": _said("the goal", "目标"),
    "group": _said("the tag group", "标签组"),
    "held_for": _said("the time its condition must hold", "条件须持续的时间"),
    "initial": _said("the initial stage", "初始阶段"),
    "input": _said("the input", "输入"),
    "key": _said("the key", "键"),
    "lifecycle": _said("the lifecycle", "生命周期"),
    "manual": _said("the rule for changes by hand", "人工变更"),
    "margin": _said("the margin before a fall", "降档的余量"),
    "max_moved_share": _said("the share that a publish may move", "发布可移动的比例"),
    "maximum": _said("the greatest value", "最大值"),
    "minimum": _said("the least value", "最小值"),
    "minimum_coverage": _said("the least coverage", "最低覆盖率"),
    "missing": _said("what an unknown component does", "未知评分项的处理"),
    "movement": _said("the movement", "转移类型"),
    "on": _said("the list of what it waits for", "触发来源"),
    "otherwise": _said("the answer where no case is true", "没有分支成立时的结果"),
    "output": _said("whether it is part of the reply", "是否出现在回复中"),
    "owner": _said("the owner", "负责人"),
    "parameters": _said("the set of parameters", "参数"),
    "personal": _said("whether it identifies a person", "是否可识别个人"),
    "points": _said("the number of points", "分数"),
    "prefix": _said("the prefix", "前缀"),
    "profile": _said("the profile's id", "客户资料编号"),
    "purpose": _said("the purpose", "用途"),
    "required": _said("whether a request needs it", "是否必填"),
    "rise_after": _said("the wait before a rise", "升档前的等待"),
    "start": _said("the lower bound", "下限"),
    "steps": _said("the list of steps", "步骤"),
    "sticky": _said("whether it stays when its condition ends", "条件不再成立时是否保留"),
    "tag_budgets": _said("the budget of tags", "标签预算"),
    "then": _said("the answer", "结果"),
    "timezone": _said("the timezone", "时区"),
    "title": _said("the title", "标题"),
    "to": _said("the stage it leads to", "目标阶段"),
    "type": _said("the type", "类型"),
    "until": _said("the condition that ends it", "结束条件"),
    "valid_until": _said("the end of its validity", "有效期至"),
    "value": _said("the value", "值"),
    "weight": _said("the weight", "权重"),
    "when": _said("the condition", "条件"),
}
"""What a member is called; a collection goes by the nouns of what it holds."""

CHANGES: dict[str, Words] = {
    "named": _said("{noun} `{title}`", "{noun} `{title}`"),
    "of": _said("{name} of {holder}", "{holder} 的{name}"),
    "added": _said("{name} is new", "新增{name}"),
    "removed": _said("{name} is gone", "删除{name}"),
    "renamed": _said("{noun} `{old}` is now called `{new}`", "{noun} `{old}` 现在叫 `{new}`"),
    "merged": _said("{noun} `{old}` is now part of `{new}`", "{noun} `{old}` 已并入 `{new}`"),
    "moved": _said("{name} now stands before {other}", "{name} 现在排在{other} 之前"),
    "moved/wins": _said(
        "{name} now stands before {other}, and the first that applies wins",
        "{name} 现在排在{other} 之前，先成立者优先",
    ),
    "moved/last": _said("{name} now stands last", "{name} 现在排在最后"),
    "set": _said("{name}: {label} is now {after}", "{name}：{label}设为 {after}"),
    "dropped": _said("{name}: {label} is no longer set, and was {before}", "{name}：不再设置{label}，原为 {before}"),
    "changed": _said("{name}: {label} is now {after} instead of {before}", "{name}：{label}由 {before} 改为 {after}"),
    "rewritten": _said("{name}: there is a change in {label}", "{name}：修改了{label}"),
    "same": _said("{name}: {label} is written differently and means the same", "{name}：{label}写法不同，含义相同"),
    "more": _said("{name}: {label} now has {after} too", "{name}：{label}增加 {after}"),
    "fewer": _said("{name}: {label} no longer has {before}", "{name}：{label}去掉 {before}"),
    "other": _said(
        "{name}: {label} now has {after} and no longer {before}", "{name}：{label}增加 {after}，去掉 {before}"
    ),
    "needs/set": _said("{name} now needs {after}", "{name} 现在要求 {after}"),
    "needs/dropped": _said("{name} no longer needs {before}", "{name} 不再要求 {before}"),
    "needs/changed": _said("{name} now needs {after} instead of {before}", "{name} 现在要求 {after}，原为 {before}"),
    "needs/joined": _said("{name} now also needs {after}", "{name} 现在还要求 {after}"),
    "needs/enough": _said("{name}: {after} is now enough too", "{name}：现在只要 {after} 也可以"),
    "needs/not-enough": _said("{name}: {before} is no longer enough", "{name}：只有 {before} 不再足够"),
    "ends/set": _said("{name} now ends at {after}", "{name} 现在的结束条件是 {after}"),
    "ends/dropped": _said("{name} no longer ends at {before}", "{name} 不再以 {before} 结束"),
    "ends/changed": _said(
        "{name} now ends at {after} instead of {before}", "{name} 的结束条件现在是 {after}，原为 {before}"
    ),
    "inside/changed": _said(
        "{name}: {label} now says {after} instead of {before}", "{name}：{label}中由 {before} 改为 {after}"
    ),
    "inside": _said("{label}, `{part}`", "{label} `{part}` "),
    "conflict": _said("both changed {name}", "双方都修改了{name}"),
}
"""The sentences, by what happened."""

AMOUNTS: dict[str, Words] = {
    ">=": _said("at least {n}", "至少 {n}"),
    ">": _said("more than {n}", "超过 {n}"),
    "<=": _said("at most {n}", "至多 {n}"),
    "<": _said("less than {n}", "少于 {n}"),
    "==": _said("exactly {n}", "正好 {n}"),
    "!=": _said("anything but {n}", "不等于 {n}"),
}
"""How a comparison with a number reads."""

MEASURES: dict[str, Words] = {
    "": _said("`{what}` of {amount}", "`{what}` {amount}"),
    "days_since": _said("{amount} days since {what}", "距 {what} {amount} 天"),
    "hours_since": _said("{amount} hours since {what}", "距 {what} {amount} 小时"),
    "calendar_days_since": _said("{amount} calendar days since {what}", "距 {what} {amount} 个日历日"),
    "months_since": _said("{amount} months since {what}", "距 {what} {amount} 个月"),
    "within": _said("{what} within the last {amount}", "{what} 在最近 {amount}内"),
    "latest": _said("the latest of {what}", "{what} 中最近的一次"),
}
"""What an amount is of: a thing with a title, or the time since something."""

UNITS: dict[str, tuple[str, str, str]] = {
    "Y": ("year", "years", "年"),
    "M": ("month", "months", "个月"),
    "W": ("week", "weeks", "周"),
    "D": ("day", "days", "天"),
    "TH": ("hour", "hours", "小时"),
    "TM": ("minute", "minutes", "分钟"),
    "TS": ("second", "seconds", "秒"),
}
"""The parts of a duration: one, several, Chinese."""

ANSWERS: dict[object, Words] = {
    True: _said("yes", "是"),
    False: _said("no", "否"),
    None: _said("nothing", "无"),
}
TRIGGERS: dict[str, Words] = {
    "stage": _said("stage `{key}`", "阶段 `{key}`"),
    "tag": _said("tag `{key}`", "标签 `{key}`"),
    "tier": _said("band `{band}` of tier `{key}`", "等级 `{key}` 的档位 `{band}`"),
}
"""What an action waits for."""
INSTEAD = _said("{after} instead of {before}", "{after}（原为 {before}）")
"""An amount that took another's place."""
COMMA = _said(", ", "、")
"""What stands between the entries of a list."""
