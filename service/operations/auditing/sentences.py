"""Why each change of some evaluations came, in one sentence each: what a list of changes says beside them.

Each evaluation is decided again from its record; one that can't be, since its content was erased or its format is
unknown, says nothing. Nothing is written.
Source: docs/language.md, "Decisions".
"""

from collections.abc import Iterable

from service.audit.record import decision_id
from service.audit.rows import EvaluationRow
from service.engine.sentences import Sentences
from service.engine.walk import Walk
from service.errors import Conflict, NotFound
from service.language.diagnostics import Words
from service.operations.auditing.recall import ground_of
from service.operations.auditing.replay import earlier_of
from service.operations.ports import Reads
from service.operations.programs import Programs
from service.operations.service import Service

Known = tuple[EvaluationRow, EvaluationRow | None]


def sentences_of(service: Service, evaluation_ids: Iterable[str]) -> dict[str, Words]:
    """The sentence of each change of these evaluations, by the change's id, in English and Chinese."""
    wanted = list(dict.fromkeys(evaluation_ids))

    def job(reads: Reads) -> list[Known]:
        rows = [reads.evaluation(one) for one in wanted]
        return [(row, earlier_of(reads, row)) for row in rows if row is not None]

    found: dict[str, Words] = {}
    for row, earlier in service.store.read(job):
        found |= _sentences(service.programs, row, earlier)
    return found


def _sentences(programs: Programs, row: EvaluationRow, earlier: EvaluationRow | None) -> dict[str, Words]:
    try:
        outcome = ground_of(programs, row, earlier).decide()
    except (Conflict, NotFound):
        return {}
    say = Sentences(outcome.run, Walk(outcome.run))
    return {decision_id(row.id, place): say.of(one) for place, one in enumerate(outcome.decisions)}
