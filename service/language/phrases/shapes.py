"""What the shape can say about the members of a ruleset."""

from service.language.phrases.phrase import Phrase, phrase

_TYPES = {
    "value": ("a value", "一个值"),
    "boolean": ("`true` or `false`", " `true` 或 `false`"),
    "number": ("a number", "数字"),
    "string": ("a string", "字符串"),
    "list": ("a list", "列表"),
    "object": ("an object", "对象"),
    "text": ("a string, or an object with one string by language", "字符串，或按语言给出字符串的对象"),
    "constant": ("a boolean, a number, a string or a list of strings", "布尔值、数字、字符串或字符串列表"),
}
_FORMS = {
    "whole": ("a whole number", "整数"),
    "integer": ("a whole number below 10^15", "绝对值小于 10^15 的整数"),
    "duration": ("a duration such as `P7D`, `PT48H` or `P1M`", "时长，例如 `P7D`、`PT48H` 或 `P1M`"),
    "instant": ("a date and time such as `2026-01-01T09:00:00Z`", "日期和时间，例如 `2026-01-01T09:00:00Z`"),
    "timezone": ("an IANA timezone such as `Asia/Shanghai`", "IANA 时区名，例如 `Asia/Shanghai`"),
    "language": ("a language such as `en`, `zh` or `zh-Hant`", "语言代码，例如 `en`、`zh` 或 `zh-Hant`"),
    "format": ("format `1`, the only one there is", "格式 `1`（目前唯一的格式）"),
    "key": ("a key", "键"),
    "ruleset-key": ("a ruleset's key", "规则集的键"),
}
_ADVICE = {
    "timezone": (
        "IANA names a large city: `Asia/Shanghai` for all of China, `Asia/Taipei`, `Asia/Tokyo`; or write `UTC`",
        "IANA 以大城市命名：中国大陆统一为 `Asia/Shanghai`，另有 `Asia/Taipei`、`Asia/Tokyo`；也可以写 `UTC`",
    ),
    "duration": (
        "write whole numbers of years, months, weeks, days, then `T` and hours, minutes, seconds; at most 100 years",
        "依次写年、月、周、日的整数，然后是 `T` 和时、分、秒；最长 100 年",
    ),
    "instant": (
        "without `Z` or an offset such as `+08:00` it is meant in the ruleset's timezone",
        "如果没有 `Z` 或 `+08:00` 之类的偏移，则按规则集的时区理解",
    ),
    "key": (
        "begin with a small letter, go on with small letters, digits and `_`; at most 63 characters",
        "以小写字母开头，其后可用小写字母、数字和 `_`；最多 63 个字符",
    ),
    "ruleset-key": (
        "begin with a small letter, go on with small letters, digits, `_` and `-`; at most 63 characters",
        "以小写字母开头，其后可用小写字母、数字、`_` 和 `-`；最多 63 个字符",
    ),
}


def _expected(en: str, zh: str) -> Phrase:
    return phrase(f"expected {en}, found `{{found}}`", f"应为{zh}，实际是 `{{found}}`")


SHAPES: dict[str, Phrase] = {
    **{f"wrong-shape/{name}": _expected(*words) for name, words in {**_TYPES, **_FORMS}.items()},
    **{
        f"wrong-shape/{name}": phrase(
            f"expected {_FORMS[name][0]}, found `{{found}}`", f"应为{_FORMS[name][1]}，实际是 `{{found}}`", *advice
        )
        for name, advice in _ADVICE.items()
    },
    "help/members": phrase("known here: {known}", "此处可用：{known}"),
    "unknown-member": phrase("unknown member `{member}`", "未知成员 `{member}`"),
    "missing-member": phrase(
        "the member `{member}` is missing", "缺少成员 `{member}`", "add `{member}`", "请添加 `{member}`"
    ),
    "duplicate-key": phrase(
        "the key `{key}` already stands at {first}",
        "键 `{key}` 已经出现在 {first}",
        "give each its own key; attributes and values share one set of names, and an alias counts as a key",
        "每一项都要有自己的键；属性和值共用一套名称，别名也算作键",
    ),
    "reserved-word": phrase(
        "`{key}` has a meaning in expressions and can't be a key",
        "`{key}` 在表达式中另有含义，不能用作键",
        "choose another key, such as `{key}_value`",
        "请换一个键，例如 `{key}_value`",
    ),
    "limit-exceeded/entries": phrase(
        "expected at most {most} entries, found {found}",
        "最多允许 {most} 项，实际有 {found} 项",
        "split the ruleset; one call can ask several",
        "请拆分规则集；一次调用可以同时使用多个规则集",
    ),
    "limit-exceeded/expression": phrase(
        "expected at most {most} characters, found {found}",
        "最多允许 {most} 个字符，实际有 {found} 个",
        "move parts of it into `values` and name them",
        "把其中一部分移到 `values` 中并命名",
    ),
    "wrong-shape/digits": phrase(
        "expected a number of at most {most} digits, found a longer one", "数字最多 {most} 位，实际更长"
    ),
    "wrong-shape/above": phrase(
        "expected a number above {above}, found `{found}`", "应为大于 {above} 的数字，实际是 `{found}`"
    ),
    "wrong-shape/least": phrase(
        "expected a number not below {least}, found `{found}`", "应为不小于 {least} 的数字，实际是 `{found}`"
    ),
    "wrong-shape/between": phrase(
        "expected a number from {least} to {most}, found `{found}`",
        "应为 {least} 到 {most} 之间的数字，实际是 `{found}`",
    ),
    "wrong-shape/blank": phrase(
        "expected text, found none",
        "应有文字，实际为空",
        "write something, or leave the member out",
        "请写入内容，或省略该成员",
    ),
    "wrong-shape/choice": phrase("expected one of {choices}, found `{found}`", "应为 {choices} 之一，实际是 `{found}`"),
    "wrong-shape/no-language": phrase(
        "expected text in at least one language, found none",
        "至少应有一种语言的文字，实际没有",
        'write `{{"en": "..."}}`, or a plain string',
        '请写 `{{"en": "..."}}`，或直接写字符串',
    ),
    "wrong-shape/duration-zero": phrase(
        "expected a duration above zero, found `{found}`",
        "应为大于零的时长，实际是 `{found}`",
        "leave the member out where nothing is to be waited for",
        "如果不需要等待，请省略该成员",
    ),
    "wrong-shape/empty-list": phrase(
        "expected at least one entry, found none", "至少应有一项，实际为空", "add an entry", "请添加一项"
    ),
    "wrong-shape/twice": phrase(
        "expected each entry once, found `{found}` again",
        "每一项只能出现一次，`{found}` 重复了",
        "keep one of them",
        "只保留其中一个",
    ),
    "wrong-shape/enum-type": phrase(
        "expected `enum` on a `string` or `strings`, found it on a `{type}`",
        "`enum` 只能用于 `string` 或 `strings`，实际用于 `{type}`",
        "leave it out, or change the type",
        "请省略它，或更改类型",
    ),
    "wrong-shape/bound-type": phrase(
        "expected a bound on an `integer` or `number`, found it on a `{type}`",
        "上下限只能用于 `integer` 或 `number`，实际用于 `{type}`",
        "leave it out, or change the type",
        "请省略它，或更改类型",
    ),
    "wrong-shape/upside-down": phrase(
        "expected a `maximum` not below the `minimum` {least}, found `{found}`",
        "`maximum` 不应小于 `minimum` {least}，实际是 `{found}`",
        "exchange the two",
        "请把两者对调",
    ),
    "wrong-shape/default": phrase(
        "expected a default of the type `{type}`, found `{found}`",
        "默认值应为 `{type}` 类型，实际是 `{found}`",
        'integers are below 10^15; a date is text such as "2026-01-01", an instant such as "2026-01-01T09:00:00Z"',
        '整数的绝对值要小于 10^15；日期写作 "2026-01-01"，时刻写作 "2026-01-01T09:00:00Z"',
    ),
    "wrong-shape/default-range": phrase(
        "expected a default from `minimum` to `maximum`, found `{found}`",
        "默认值应在 `minimum` 和 `maximum` 之间，实际是 `{found}`",
    ),
    "wrong-shape/default-enum": phrase(
        "expected a default out of `enum`, found `{found}`", "默认值应取自 `enum`，实际是 `{found}`"
    ),
    "wrong-shape/expression-or-cases": phrase(
        "expected either `expression` or `cases`, found both or neither",
        "`expression` 和 `cases` 应二选一，实际两者都有或都没有",
        "a decision list is `cases` with `otherwise`; anything else an `expression`",
        "决策列表写 `cases` 和 `otherwise`，其他情况写 `expression`",
    ),
    "wrong-shape/no-otherwise": phrase(
        "expected `otherwise` after `cases`, found none",
        "`cases` 之后应有 `otherwise`，实际没有",
        "add what the value is where no case is true",
        "请写明没有任何情况成立时的值",
    ),
    "wrong-shape/otherwise-alone": phrase(
        "expected `cases` beside `otherwise`, found none",
        "`otherwise` 应与 `cases` 一起出现，实际没有 `cases`",
        "add `cases`, or remove `otherwise`",
        "请添加 `cases`，或删去 `otherwise`",
    ),
    "wrong-shape/mixed": phrase(
        "expected a `{expected}` like the first answer, found a `{found}`",
        "应与第一个结果同为 `{expected}`，实际是 `{found}`",
        "all answers of a decision list have one type",
        "一个决策列表的所有结果类型必须相同",
    ),
    "wrong-shape/value-or-points": phrase(
        "expected either `value` or `input` with `points`, found both or neither",
        "`value` 与 `input` 加 `points` 应二选一，实际两者都有或都没有",
        "`value` gives 0 to 100 itself; `points` map an `input` to it",
        "`value` 直接给出 0 到 100；`points` 则把 `input` 换算成分数",
    ),
    "wrong-shape/one-step-zero": phrase(
        "expected a `fall_after` above zero beside `one_step`, found none",
        "使用 `one_step` 时 `fall_after` 应大于零，实际没有",
        "state how long each step down takes, such as `P7D`",
        "请写明每降一档需要多久，例如 `P7D`",
    ),
    "wrong-shape/default-not-exclusive": phrase(
        "expected `exclusive` beside `default`, found none",
        "有 `default` 时应有 `exclusive`，实际没有",
        'add `"exclusive": true`',
        '请添加 `"exclusive": true`',
    ),
    "wrong-shape/sticky-expires": phrase(
        "expected either `sticky` or `expires_after`, found both",
        "`sticky` 和 `expires_after` 只能选一个，实际两者都有",
        "a sticky tag ends by `until` alone",
        "`sticky` 标签只由 `until` 结束",
    ),
    "wrong-shape/until-alone": phrase(
        "expected `sticky`, `on` or `expires_after` beside `until`, found none",
        "`until` 应与 `sticky`、`on` 或 `expires_after` 一起使用，实际没有",
        "without them the tag ends when `when` is false: write `when ... and not ...`",
        "没有它们时，`when` 为假标签就会移除：请把条件写进 `when`",
    ),
    "wrong-shape/on-held-for": phrase(
        "expected either `on` or `held_for`, found both",
        "`on` 和 `held_for` 只能选一个，实际两者都有",
        "an event is over at once; let a tag follow it, and wait on that tag",
        "事件是瞬间发生的；请先用标签记下事件，再对该标签设置等待",
    ),
    "wrong-shape/manual-only": phrase(
        "expected no rule beside `manual` `only`, found `{member}`",
        "`manual` 为 `only` 时不应有规则，实际有 `{member}`",
        'remove it, or write `"manual": "allowed"`',
        '请删去它，或改为 `"manual": "allowed"`',
    ),
    "wrong-shape/no-condition": phrase(
        "expected `when` or `on`, found neither",
        "应有 `when` 或 `on`，实际都没有",
        "state when it fires",
        "请写明何时触发",
    ),
    "wrong-shape/no-rule": phrase(
        "expected `when` or `on`, found neither",
        "应有 `when` 或 `on`，实际都没有",
        'state when the tag is assigned; only a tag with `"manual": "only"` and a group\'s default have no rule',
        '请写明何时打上该标签；只有 `"manual": "only"` 的标签和标签组的默认标签可以没有规则',
    ),
    "wrong-shape/to-itself": phrase(
        "expected stages other than `to`, found `{stage}`",
        "来源阶段不应包含 `to`，实际有 `{stage}`",
        "remove it from `from`",
        "请从 `from` 中删去它",
    ),
    "wrong-shape/trigger": phrase(
        "expected exactly one of `stage`, `tag`, or `tier` with `band`, found something else",
        "应恰好给出 `stage`、`tag`、或 `tier` 加 `band` 之一，实际不是",
        "one entry of `on` for each change",
        "每种变化在 `on` 中各写一项",
    ),
    "wrong-shape/back-in-time": phrase(
        "expected an instant not before the step above, found `{found}`",
        "时刻不应早于前面的步骤，实际是 `{found}`",
        "put the steps in the order of time",
        "请按时间先后排列步骤",
    ),
    "wrong-shape/default-rule": phrase(
        "expected no rule on the default of {group}, found `{member}`",
        "{group} 的默认标签不应有规则，实际有 `{member}`",
        "the default is held while no other tag of the group is",
        "组内没有其他标签时，自动持有默认标签",
    ),
    **{
        f"{code}/{name}": words
        for code in ("bands-out-of-order", "wrong-shape")
        for name, words in {
            "first": phrase(
                "expected no `from` on the first entry, found one",
                "第一项不应有 `from`，实际有",
                "the first entry holds everything below the second",
                "第一项包含第二项以下的一切",
            ),
            "later": phrase(
                "expected a `from` on every entry but the first, found none",
                "除第一项外都应有 `from`，实际没有",
                "state where it begins",
                "请写明从哪里开始",
            ),
            "ascending": phrase(
                "expected a `from` above {above}, found `{found}`",
                "`from` 应大于 {above}，实际是 `{found}`",
                "put the entries in order, the lowest first",
                "请按从低到高排列",
            ),
        }.items()
    },
}
