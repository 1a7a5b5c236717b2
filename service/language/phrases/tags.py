"""What can be told about how tags are named and kept: the sentences of `lint`."""

from service.language.phrases.phrase import Phrase, phrase

TAGS: dict[str, Phrase] = {
    "naming-pattern": phrase(
        "expected a title that begins with `{prefix}`, as the group `{group}` says, found `{found}`",
        "标题应以标签组 `{group}` 规定的 `{prefix}` 开头，实际为 `{found}`",
        "put the prefix before it, or move the tag to another group",
        "请在标题前加上前缀，或把标签移到其他标签组",
    ),
    "tag-budget": phrase(
        "expected at most {most} tags for the channel `{channel}`, found {found}",
        "渠道 `{channel}` 最多 {most} 个标签，实际 {found} 个",
        "merge tags that mean the same, or remove those that nobody uses",
        "请合并含义相同的标签，或删除无人使用的标签",
    ),
    "tag-without-owner": phrase(
        "nobody answers for tag `{key}`, while others name an `owner`",
        "标签 `{key}` 没有负责人，而其他标签写明了 `owner`",
        "add `owner`: the team that is asked when it goes wrong",
        "请填写 `owner`：出现问题时询问的团队",
    ),
    "tag-without-expiry": phrase(
        "once held, tag `{key}` never ends by itself",
        "标签 `{key}` 一旦持有便不会自行结束",
        "add `until`, `valid_until` or, if it is not sticky, `expires_after`; or leave it, if it is a fact for good",
        "请填写 `until`、`valid_until`，非 sticky 的标签也可填写 `expires_after`；若为永久事实则保持不变",
    ),
    "look-alike-tags": phrase(
        "tags `{key}` and `{other}` have nearly the same name: `{found}` and `{like}`",
        "标签 `{key}` 与 `{other}` 名称几乎相同：`{found}` 与 `{like}`",
        "merge them if they mean the same, else give one a name that tells them apart",
        "若含义相同请合并，否则请改用能区分的名称",
    ),
}
