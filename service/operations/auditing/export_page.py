"""What a pack tells -> one page to be read or printed, in English and Chinese: no script, nothing from elsewhere.

Of many decisions it has the first ones and says so; all of them stand in the other files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import orjson

from service.audit.record import write_instant
from service.operations.auditing.export_readme import asked_words
from service.operations.auditing.export_scope import Asked, Loaded
from service.operations.auditing.export_text import shown

PAGE = "report.html"
MOST_DECISIONS = MOST_EVENTS = 500
LANGUAGES = ("en", "zh")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a }
h1 { font-size: 1.6rem } h2 { font-size: 1.2rem; margin-top: 2.5rem; border-bottom: 1px solid #999 }
table { border-collapse: collapse; width: 100%; font-size: 0.85rem } th, td { text-align: left; vertical-align: top;
padding: 0.3rem 0.5rem; border-bottom: 1px solid #ddd; overflow-wrap: anywhere } pre { background: #f4f4f4;
padding: 0.7rem; white-space: pre-wrap; overflow-wrap: anywhere } .zh { color: #444 }
@media print { body { margin: 0; max-width: none; font-size: 10pt } tr, pre { break-inside: avoid } }
"""
HEAD = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Evidence · 证据</title><style>{STYLE}</style></head><body>
<h1>Evidence pack <span lang="zh">证据包</span></h1>
"""
WORDS: Mapping[str, str] = {
    "entries": "Entries · 条目",
    "evaluations": "Evaluations · 评估",
    "events": "Audit events · 审计事件",
    "erased": "Erased · 已删除",
    "decisions": "Changes · 变化",
}


@dataclass(slots=True)
class Page:
    """What the page will say; it is bounded, however much there is."""

    checkpoint: str = ""
    versions: list[dict[str, Any]] = field(default_factory=list)
    events: list[Loaded] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)

    def take_events(self, some: list[Loaded]) -> None:
        """Who answers for the rulesets."""
        self.events += some[: MOST_EVENTS - len(self.events)]

    def take_decision(self, one: dict[str, Any]) -> None:
        """A decision, if there is room."""
        if len(self.decisions) < MOST_DECISIONS:
            self.decisions.append(one)

    def parts(self, asked: Asked, totals: Mapping[str, int]) -> Iterator[bytes]:
        """The page. Why the totals as they are when it is read: they are not known before."""
        return (text.encode() for text in self._texts(asked, totals))

    def _texts(self, asked: Asked, totals: Mapping[str, int]) -> Iterator[str]:
        yield HEAD
        for language in LANGUAGES:
            yield f'<p lang="{language}">{shown(asked_words(asked, language))}</p>'
        yield from _table((), ([WORDS[name], str(count)] for name, count in totals.items()))
        yield f"<h2>Signed checkpoint · 已签名的检查点</h2><pre>{_lines(self.checkpoint)}</pre>"
        yield "<h2>Rules · 规则</h2>"
        yield from chain.from_iterable(map(_version, self.versions))
        yield "<h2>Who answers for the rules · 谁对规则负责</h2>"
        columns = ("When · 时间", "Who · 谁", "What · 事项", "Ruleset · 规则集")
        yield from _table(columns, (_event(one) for one in self.events))
        yield f"<h2>Changes · 变化</h2>{_cut(totals['decisions'], len(self.decisions))}"
        columns = ("When · 时间", "Profile · 客户资料", "Change · 变化", "Why · 原因")
        yield from _table(columns, (_decision(one) for one in self.decisions))
        yield "</body></html>\n"


def _version(one: Mapping[str, Any]) -> Iterator[str]:
    evidence = one["evidence"]
    facts = (
        ("Digest · 摘要", one["digest"]),
        ("Author · 作者", one["author"]),
        ("Approved by · 批准人", one["approved_by"]),
        ("Comment · 说明", one["comment"]),
        ("Published · 发布于", one["published_at"]),
        ("In force from · 生效于", one["effective_at"]),
        ("Examples · 示例", _json(evidence.get("examples"))),
        ("Impact · 影响", _json(evidence.get("impact"))),
        ("Acknowledged · 已确认的警告", _json(evidence.get("acknowledged"))),
    )
    yield f"<h3>{shown(one['ruleset'])} · {one['version']}</h3>"
    yield from _table((), ([name, shown(value)] for name, value in facts))
    yield from _table((), ([_words(change["sentence"])] for change in one["changes"]))


def _event(one: Loaded) -> list[str]:
    row = one.event
    assert row is not None
    return [write_instant(row.at), shown(row.actor), shown(row.action), shown(row.subject)]


def _decision(one: Mapping[str, Any]) -> list[str]:
    change = f"{one['kind']} {one['key']}: {one['outcome']}, {one['from'] or '-'} → {one['to'] or '-'}"
    why = "erased · 已删除" if one["erased"] else _reason(one["reason"])
    return [shown(one["at"]), shown(one["profile_id"]), shown(change), why]


def _reason(reason: Mapping[str, Any] | None) -> str:
    if reason is None:
        return shown(None)
    return "".join(map(_words, (reason["sentence"], *(leaf["sentence"] for leaf in reason["leaves"]))))


def _words(words: Mapping[str, str]) -> str:
    return "".join(
        f'<div lang="{language}" class="{language}">{shown(words[language])}</div>' for language in LANGUAGES
    )


def _table(columns: tuple[str, ...], lines: Iterator[list[str]]) -> Iterator[str]:
    """A table of cells that are safe already."""
    yield "<table>"
    if columns:
        yield f"<tr>{''.join(f'<th>{name}</th>' for name in columns)}</tr>"
    for cells in lines:
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table>"


def _lines(text: str) -> str:
    return "\n".join(map(shown, text.splitlines()))


def _cut(there: int, listed: int) -> str:
    if there == listed:
        return ""
    english = f"The first {listed} of {there}; all are in decisions.csv."
    chinese = f"仅列前 {listed} 项，共 {there} 项；全部见 decisions.csv。"
    return f'<p>{english} <span lang="zh">{chinese}</span></p>'


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
