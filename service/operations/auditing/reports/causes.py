"""What changes came from: how often each thing changed, by cause and rule, in each step."""

from typing import Any

from service.language.instants import write_instant
from service.operations.auditing.reports.question import Question
from service.operations.ports import Reads


def count_causes(reads: Reads, question: Question) -> list[dict[str, Any]]:
    """Rows of how often each change came from `from` on and before `to`, as JSON values."""
    rows = []
    for begin, end in question.periods():
        found = reads.reporting.counted(question.ruleset, None, (begin, end))
        for one in sorted(found, key=lambda row: tuple(text or "" for text in row[:-1])):
            shown = one._asdict()
            shown["from"], shown["to"], count = shown.pop("source"), shown.pop("target"), shown.pop("number")
            since = None if begin is None else write_instant(begin)
            rows.append({"since": since, **shown, "count": count})
    return rows
