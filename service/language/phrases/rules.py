"""What expressions and references can be told: the sentences of `typecheck`, `check` and the examples."""

from service.language.phrases.phrase import Phrase, phrase

RULES: dict[str, Phrase] = {
    "syntax": phrase("can't read the expression at {found}", "表达式在 {found} 处无法读懂"),
    "syntax/end": phrase("the expression ends too early", "表达式没有写完"),
    "help/and": phrase("write `and` instead of `&&`", "请用 `and` 代替 `&&`"),
    "help/or": phrase("write `or` instead of `||`", "请用 `or` 代替 `||`"),
    "help/not": phrase("write `not` instead of `!`", "请用 `not` 代替 `!`"),
    "help/equals": phrase("to compare, write `==` instead of `=`", "比较请写 `==`，不是 `=`"),
    "help/chain": phrase(
        "write both comparisons: `30 <= n and n <= 40` instead of `30 <= n <= 40`",
        "请分开写两个比较：`30 <= n and n <= 40`，而不是 `30 <= n <= 40`",
    ),
    "help/quote": phrase("close the text with the same quote", "请用同样的引号结束文本"),
    "unknown-name": phrase("unknown name `{name}`", "未知名称 `{name}`"),
    "unknown-name/accessor": phrase("{type} has no `.{name}`", "{type} 没有 `.{name}`"),
    "unknown-name/root": phrase("`{root}` needs a key: `{root}.key`", "`{root}` 后面需要键：`{root}.key`"),
    "unknown-name/event": phrase(
        "`event` can be read only in the `when` of a tag or transition with `on`",
        "`event` 只能在带 `on` 的标签或转换的 `when` 中直接使用",
    ),
    "unknown-name/stage": phrase(
        "`{name}` needs a lifecycle, and the ruleset has none", "`{name}` 需要生命周期，而规则集没有定义"
    ),
    "unknown-name/manual": phrase(
        "a step's `manual` names the unknown tag `{name}`", "步骤的 `manual` 指向未知标签 `{name}`"
    ),
    "unknown-name/expect": phrase(
        "`expect` names the unknown {kind} `{name}`", "`expect` 指向未知的{kind_zh} `{name}`"
    ),
    "help/nearest": phrase("did you mean `{near}`?", "您是不是想写 `{near}`？"),
    "unknown-function": phrase("unknown function `{name}`", "未知函数 `{name}`"),
    "type-mismatch": phrase("expected {expected}, found {found}", "应为{expected}，实际为{found}"),
    "type-mismatch/order": phrase(
        "`{operator}` can't order {left} and {right}", "`{operator}` 不能比较 {left} 与 {right} 的大小"
    ),
    "type-mismatch/arithmetic": phrase(
        "`{operator}` works on numbers, found {left} and {right}", "`{operator}` 只用于数字，实际为 {left} 与 {right}"
    ),
    "type-mismatch/argument": phrase(
        "argument {index} of `{name}` is {expected}, found {found}",
        "`{name}` 的第 {index} 个参数应为 {expected}，实际为 {found}",
    ),
    "type-mismatch/count": phrase(
        "`{name}` takes {expected} arguments, found {found}", "`{name}` 需要 {expected} 个参数，实际为 {found} 个"
    ),
    "type-mismatch/period": phrase(
        "the period of `within` is a text with a duration above zero, such as `'P7D'`",
        "`within` 的时段必须是大于零的时长文本，例如 `'P7D'`",
    ),
    "type-mismatch/branches": phrase(
        "both sides must have one type, found {left} and {right}", "两边的类型必须相同，实际为 {left} 与 {right}"
    ),
    "type-mismatch/items": phrase(
        "a list holds booleans, numbers, texts or dates, all of one type",
        "列表的元素应为布尔值、数字、文本或日期，并且类型相同",
    ),
    "type-mismatch/container": phrase(
        "`in` needs a list or a text on its right, found {found}", "`in` 右边需要列表或文本，实际为 {found}"
    ),
    "type-mismatch/engine": phrase("the types do not fit: {found}", "类型不符：{found}"),
    "type-mismatch/default": phrase("expected {expected}, found {found}", "应为 {expected}，实际为 {found}"),
    "not-a-condition": phrase(
        "expected a condition (true or false), found {found}", "应为条件（真或假），实际为 {found}"
    ),
    "ambiguous-coalesce": phrase(
        "`??` beside a comparison or arithmetic needs parentheses",
        "`??` 与比较或算术并用时必须加括号",
        "write `(n ?? 0) > 5` instead of `n ?? 0 > 5`",
        "请写 `(n ?? 0) > 5`，而不是 `n ?? 0 > 5`",
    ),
    "forbidden-construct": phrase("{what} is not part of the rule language", "规则语言不包含{what_zh}"),
    "forbidden-construct/null": phrase(
        "`null` may stand only beside `==` and `!=`",
        "`null` 只能与 `==`、`!=` 连用",
        "to replace what is unknown, write `a ?? b`",
        "要替换未知值，请写 `a ?? b`",
    ),
    "forbidden-construct/now-equals": phrase(
        "`$now` never equals an instant for longer than a moment",
        "`$now` 与某一时刻相等只在一瞬间",
        "use `<`, `>=` or `within`",
        "请用 `<`、`>=` 或 `within`",
    ),
    "forbidden-construct/now-hour": phrase(
        "`.hour` of `$now` would change every hour",
        "`$now` 的 `.hour` 每小时都会变化",
        "use `.date` or `.weekday`, or the hour of an attribute",
        "请用 `.date`、`.weekday`，或属性的小时",
    ),
    "forbidden-construct/dates": phrase(
        "to a date only a span such as `t'P7D'` can be added or taken away",
        "日期只能加上或减去时长，例如 `t'P7D'`",
        "to measure between dates use `days_since(t)`",
        "要计算日期之间的距离，请用 `days_since(t)`",
    ),
    "forbidden-construct/span": phrase(
        "a span such as `t'P7D'` can only be added to or taken from a date",
        "时长（例如 `t'P7D'`）只能与日期相加或相减",
        "to measure between dates use `days_since(t)`",
        "要计算日期之间的距离，请用 `days_since(t)`",
    ),
    "forbidden-construct/character": phrase(
        "a text can't hold NUL or half a character", "文本不能包含 NUL 或不完整的字符"
    ),
    "forbidden-construct/own-stage": phrase(
        "a transition can't read `{name}`: it would depend on itself",
        "转换不能读取 `{name}`：它会依赖自己",
        "use `from` and `after_stay` of the transition",
        "请用转换的 `from` 与 `after_stay`",
    ),
    "impossible-condition": phrase(
        "{left} never equals {right}", "{left} 永远不会等于 {right}", "compare values of one type", "请比较同一类型的值"
    ),
    "impossible-condition/enum": phrase(
        "`{value}` is none of the values that `{name}` can have: {allowed}",
        "`{value}` 不是 `{name}` 可能的值：{allowed}",
    ),
    "constant-condition": phrase(
        "this condition is the same for every profile",
        "这个条件对所有用户都一样",
        "compare an attribute, a value or a tag",
        "请比较属性、值或标签",
    ),
    "limit-exceeded/nodes": phrase(
        "an expression has at most {most} parts, found {found}", "表达式最多 {most} 个部分，实际 {found} 个"
    ),
    "limit-exceeded/depth": phrase(
        "an expression nests at most {most} deep, found {found}", "表达式最多嵌套 {most} 层，实际 {found} 层"
    ),
    "limit-exceeded/digits": phrase("a number has at most 28 digits", "数字最多 28 位"),
    "wrong-shape/literal": phrase("`{found}` is no {expected}", "`{found}` 不是{expected_zh}"),
    "cycle": phrase(
        "these depend on each other: {path}",
        "它们互相依赖：{path}",
        "break the circle at one of them",
        "请在其中一处断开循环",
    ),
    "unknown-group": phrase("unknown tag group `{name}`", "未知标签组 `{name}`"),
    "unknown-group/default": phrase(
        "the default `{name}` is no tag of the group",
        "默认标签 `{name}` 不属于该组",
        "name a tag whose `group` is this group, listed last",
        "请写该组中排在最后的标签",
    ),
    "unknown-group/last": phrase(
        "the default `{name}` must be the last tag of its group",
        "默认标签 `{name}` 必须排在组内最后",
        "move it behind the group's other tags",
        "请把它移到组内其他标签之后",
    ),
    "unknown-stage": phrase("unknown stage `{name}`", "未知阶段 `{name}`"),
    "unknown-band": phrase("unknown band `{name}` of tier `{tier}`", "等级 `{tier}` 没有档位 `{name}`"),
    "unknown-name/tier": phrase("unknown tier `{name}`", "未知等级 `{name}`"),
    "unknown-name/tag": phrase("unknown tag `{name}`", "未知标签 `{name}`"),
    "unknown-event": phrase("unknown event `{name}`", "未知事件 `{name}`"),
    "failing-example": phrase("expected {expected}, found {found}", "应为 {expected}，实际为 {found}"),
    "failing-example/request": phrase("the step can't be decided: {found}", "该步骤无法判定：{found}"),
    "tag-without-purpose": phrase(
        "tag `{key}` does not say what it is for",
        "标签 `{key}` 没有说明用途",
        "add `purpose`: what is done differently for these people",
        "请填写 `purpose`：对这些人有什么不同做法",
    ),
    "unused-attribute": phrase(
        "no rule reads attribute `{key}`", "没有规则读取属性 `{key}`", "remove it, or use it", "请删除或使用它"
    ),
    "untested-rule": phrase(
        "no example exercises `{rule}`",
        "没有示例覆盖 `{rule}`",
        "add an example in which it takes effect",
        "请添加使其生效的示例",
    ),
    "unreachable-stage": phrase(
        "no way leads from the initial stage to `{key}`",
        "从初始阶段无法到达阶段 `{key}`",
        "add a transition to it, or remove it",
        "请添加通向它的转换，或删除它",
    ),
    "stage-without-exit": phrase(
        "no transition leaves stage `{key}`",
        "没有转换离开阶段 `{key}`",
        "add a way back or onwards",
        "请添加返回或前进的转换",
    ),
    "shadowed-transition": phrase(
        "`{key}` never fires: `{earlier}` fires first from the same stages with the same condition",
        "`{key}` 永远不会触发：`{earlier}` 会以相同条件从相同阶段先触发",
        "put the narrower one first, or remove one",
        "请把更窄的放在前面，或删除其一",
    ),
    "since-without-guard": phrase(
        "`since.tag.{key}` is unknown while the tag is not held",
        "标签未被持有时 `since.tag.{key}` 未知",
        "write `tag.{key} and ...` around it",
        "请写成 `tag.{key} and ...`",
    ),
    "whole-days": phrase(
        "`{function}(..) {operator} {number}` counts whole periods, so it holds for {more} than it reads",
        "`{function}(..) {operator} {number}` 按整段计数，实际范围与字面相差{more_zh}",
        "write `within(t, '{period}')` for the first {number}, or `{function}(t) >= {number}` for what is older",
        "最近 {number} 用 `within(t, '{period}')`，更早用 `{function}(t) >= {number}`",
    ),
    "order-decides": phrase(
        "tag `{key}` is fed by events in an exclusive group: while an earlier tag is held, its events are lost",
        "标签 `{key}` 由事件触发且在互斥组中：组内靠前的标签被持有时，它的事件会丢失",
    ),
    "stays-when-unknown": phrase(
        "once `{key}` is held, an unknown {names} keeps it",
        "`{key}` 一旦持有，{names} 未知时会保持",
        "say what absence means with `??`",
        "请用 `??` 说明缺失的含义",
    ),
    "missing-title": phrase("no title in {language}", "缺少 {language} 标题"),
}
