"""What is said of a profile that a draft decides otherwise, in English and Chinese. Data only."""

from collections.abc import Mapping

from service.language.diagnostics import Words

MOVES: Mapping[str, Words] = {
    "gained": {"en": "`{profile}` gains the tag {title}", "zh": "`{profile}` 获得标签 {title}"},
    "lost": {"en": "`{profile}` loses the tag {title}", "zh": "`{profile}` 失去标签 {title}"},
    "tier": {
        "en": "`{profile}` goes from {source} to {target} in the tier {title}",
        "zh": "`{profile}` 在等级 {title} 中从 {source} 变为 {target}",
    },
    "stage": {
        "en": "`{profile}` goes from stage {source} to {target}",
        "zh": "`{profile}` 从阶段 {source} 变为 {target}",
    },
}
NOTHING: Words = {"en": "nothing", "zh": "无"}
"""Stands for no band and no stage."""
