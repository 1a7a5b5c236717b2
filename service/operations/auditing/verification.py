"""What a verification of the log found, counted, and did not look at; in English and Chinese.

Data and words only. Every finding has a stable code and a place: a position, an id, a tile, a checkpoint's size.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MOST_FINDINGS = 100
Words = Mapping[str, str]
PHRASES: Mapping[str, Words] = {
    "log-broken": {"en": "{}", "zh": "{}"},
    "unsigned": {"en": "the checkpoint is not signed as it must be: {}", "zh": "检查点的签名不符合要求：{}"},
    "checkpoint-altered": {
        "en": "the row says another size or root than its note",
        "zh": "该行的大小或根与其签名文本不同",
    },
    "gap": {"en": "expected the entry at position {}, found {}", "zh": "应为位置 {} 的条目，实际为 {}"},
    "entry-missing": {"en": "the log has it, and the record is gone", "zh": "日志中有此条目，但记录已不存在"},
    "entry-altered": {"en": "the record is not the one that was sealed", "zh": "记录不是封存时的记录"},
    "entry-left-out": {
        "en": "recorded, and neither in the log nor waiting for it",
        "zh": "已记录，却不在日志中，也不在等待封存",
    },
    "count-differs": {"en": "expected {} records for the log, found {}", "zh": "日志应对应 {} 条记录，实际为 {}"},
    "content-altered": {"en": "the content is not the one that was sealed", "zh": "内容不是封存时的内容"},
    "content-lost": {
        "en": "the content is gone, and no entry says that it was erased",
        "zh": "内容缺失，且没有删除记录",
    },
    "record-differs": {"en": "the record says another `{}` than its row", "zh": "记录的 `{}` 与其所在行不同"},
    "tile-altered": {"en": "the tile does not follow from the one below", "zh": "该数据块与下一层不符"},
    "tree-altered": {
        "en": "the leaves from {} to {} do not give the signed root",
        "zh": "第 {} 至 {} 个叶子与已签名的根不符",
    },
    "tree-short": {"en": "the signed tree has {} entries, the log {}", "zh": "已签名的树有 {} 个条目，日志有 {} 个"},
    "decides-otherwise": {"en": "the rules, applied again, decide otherwise: {}", "zh": "再次应用规则得到不同结果：{}"},
    "changes-differ": {"en": "the rows of changes are not those of the record", "zh": "变化行与记录不符"},
    "profile-differs": {
        "en": "what is remembered is not what the last record left",
        "zh": "所记状态与最后一条记录不符",
    },
}
COUNTED: Mapping[str, Words] = {
    "checkpoints": {"en": "checkpoints", "zh": "个检查点"},
    "entries": {"en": "entries", "zh": "条条目"},
    "contents": {"en": "contents", "zh": "份内容"},
    "erased": {"en": "erased", "zh": "份已删除"},
    "decided": {"en": "decided again", "zh": "次重新判定"},
    "not_decided": {"en": "that can't be decided again", "zh": "次无法重新判定"},
    "profiles": {"en": "profiles", "zh": "份客户资料"},
    "waiting": {"en": "waiting", "zh": "条等待封存"},
    "late": {"en": "sealed a minute or more behind later ones", "zh": "条晚于后来者一分钟以上封存"},
}
UNCHECKED: Mapping[str, Words] = {
    "decisions": {
        "en": "whether the rules decide the same again, and rows of changes and profiles: `--full` does",
        "zh": "规则再次判定是否相同，以及变化行和客户资料：用 `--full`",
    },
    "memory": {
        "en": "whether the log is the one of before: this machine remembers no checkpoint of it",
        "zh": "日志是否仍是先前的日志：本机没有记住其检查点",
    },
    "witness": {
        "en": "whether others were shown another log: compare a checkpoint that they hold",
        "zh": "他人所见是否为同一日志：与其持有的检查点比对",
    },
}


@dataclass(slots=True)
class Verification:
    """Counts by name, findings as (code, place, values), and names of what was not checked."""

    counts: dict[str, int] = field(default_factory=dict)
    findings: list[tuple[str, str, tuple[object, ...]]] = field(default_factory=list)
    more: int = 0
    unchecked: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, code: str, place: object, *values: object) -> None:
        """Note what does not fit; beyond the first hundred they are only counted."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append((code, str(place), values))
        else:
            self.more += 1

    def count(self, what: str, more: int = 1) -> None:
        """Note that some more were looked at."""
        self.counts[what] = self.counts.get(what, 0) + more

    def to_json(self) -> dict[str, Any]:
        """The same, as JSON values."""
        findings = [
            {
                "code": code,
                "place": place,
                "message": {name: text.format(*values) for name, text in PHRASES[code].items()},
            }
            for code, place, values in self.findings
        ]
        unchecked = [{"code": code, "message": dict(UNCHECKED[code])} for code in self.unchecked]
        return {
            "holds": self.holds,
            "counts": self.counts,
            "findings": findings,
            "more_findings": self.more,
            "not_checked": unchecked,
        }
