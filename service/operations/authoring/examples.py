"""Examples for a draft: proposed at the boundaries of its rules, accepted into it, and tried against small edits.

What is proposed is what the draft decides now; accepting it says that this is what it should decide.
Source: docs/api.md, "Drafts"; docs/language.md, "Examples".
"""

from collections.abc import Sequence
from typing import Any

from service.audit.job_rows import JobRow
from service.audit.rows import DraftRow
from service.engine.boundaries import Proposal
from service.engine.examples import run_examples
from service.engine.mutants import MOST, try_mutants
from service.engine.observing import subjects_of
from service.engine.proposing import propose
from service.errors import Fault, InvalidRequest
from service.language.document import read_document
from service.language.pretty import pretty_text
from service.language.program import Program
from service.operations.authoring.compare import ACTIVE, read_text
from service.operations.authoring.drafts import save_draft
from service.operations.authoring.jobs import Task, Wish, add_job
from service.operations.authoring.simulate import read_program
from service.operations.authoring.stamps import require, stamp
from service.operations.ports import Caller, Reads
from service.operations.service import Service
from service.operations.shapes import Shape, checked

KIND = "mutants"
TRIALS = 20_000
"""How many runs of the program one request may spend on looking for profiles."""
MOST_MUTANTS = 2_000
MOST_ACCEPTED = 500
_RULE: Shape = {"type": "string", "minLength": 1, "maxLength": 200}
PROPOSE: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "rules": {
            "type": ["array", "null"],
            "maxItems": 1_000,
            "items": _RULE,
            "description": "Paths of rules, such as `tags/vip`; all if left out.",
        },
    },
}
ACCEPT: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "ids": {
            "type": ["array", "null"],
            "maxItems": MOST_ACCEPTED,
            "items": {"type": "string", "minLength": 1, "maxLength": 2_000},
            "description": "Proposals by their ids.",
        },
        "examples": {
            "type": ["array", "null"],
            "maxItems": MOST_ACCEPTED,
            "items": {"type": "object"},
            "description": "Examples as a ruleset writes them, such as a proposal that was edited.",
        },
    },
}
MUTANTS: Shape = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "most": {
            "type": ["integer", "null"],
            "minimum": 1,
            "maximum": MOST_MUTANTS,
            "description": f"How many edits to try, drawn by the seed if there are more; {MOST} if left out.",
        },
        "seed": {"type": ["integer", "null"], "minimum": 0, "maximum": 2**31, "description": "0 if left out."},
    },
}


def propose_examples(service: Service, key: str, body: object) -> dict[str, Any]:
    """The examples that a ruleset's draft lacks, or the version in force where there is no draft.

    `left` names rules that nobody looked at because too many runs were needed; ask for them by name. `NotFound` without
    either, `RulesetRejected` if it has errors, `InvalidRequest` for a rule that there is not.
    """
    posted = checked(PROPOSE, body)
    program = read_program(_text(service, key)[1], key)
    rules = _rules(program, posted.get("rules") or ())
    found = propose(program, rules, TRIALS)
    return {
        "key": key,
        "digest": program.digest,
        "coverage": run_examples(program).coverage,
        "proposals": [proposal_json(one) for one in found.examples],
        "refused": [
            {"attribute": one.attribute, "posted": one.posted, "message": one.message} for one in found.refused
        ],
        "gaps": [
            {"rule": one.rule, "pointer": one.pointer, "text": one.text, "reason": one.reason} for one in found.gaps
        ],
        "left": list(found.left),
    }


def accept_examples(
    service: Service, key: str, body: object, caller: Caller, held: str | None = None
) -> tuple[DraftRow, int]:
    """Add proposed or posted examples to a ruleset's draft, or to a new one of the version in force; the draft, and how
    many were added.

    `InvalidRequest` for an id that is not proposed (any more), else as for saving a draft.
    """
    posted = checked(ACCEPT, body)
    draft, text = _text(service, key)
    require(draft, held, key)
    document, _ = read_document(text)
    ids = posted.get("ids") or ()
    examples = [*(_proposed(read_program(text, key), ids) if ids else ()), *(posted.get("examples") or ())]
    if not examples:
        fault = Fault("", "missing-member", "expected `ids` or `examples`")
        raise InvalidRequest("the request has faults", [fault])
    changed = {**document, "examples": [*(document.get("examples") or ()), *examples]}
    saved = save_draft(service, key, pretty_text(changed), caller, None if draft is None else stamp(draft))
    return saved, len(examples)


def try_draft_mutants(service: Service, key: str, body: object, caller: Caller) -> JobRow:
    """Queue the trial of a draft's examples by small edits of its rules; errors as in `propose_examples`."""
    posted = checked(MUTANTS, body)
    text = _text(service, key)[1]
    program = read_program(text, key)
    payload = {"document": text, "most": posted.get("most") or MOST, "seed": posted.get("seed") or 0}
    return add_job(service, Wish(kind=KIND, ruleset=key, digest=program.digest, payload=payload), caller)


def run(task: Task) -> dict[str, Any]:
    """The job: how many edits the examples notice, and those that none does, in both languages."""
    told = task.payload
    program = read_program(told["document"])
    report = try_mutants(program, int(told["most"]), int(told["seed"]), task.progress)
    return {"ruleset": program.key, "digest": program.digest, **report.to_json()}


def proposal_json(one: Proposal) -> dict[str, Any]:
    """A proposal as JSON values."""
    return {
        "id": one.id,
        "rule": one.rule,
        "pointer": one.pointer,
        "text": one.text,
        "side": one.side,
        "title": one.example["title"],
        "example": one.example,
    }


def _text(service: Service, key: str) -> tuple[DraftRow | None, str]:
    """A ruleset's draft, if it has one, and its text or that of the version in force."""
    now = service.clock()

    def job(reads: Reads) -> tuple[DraftRow | None, str]:
        draft = reads.governance.draft(key)
        return draft, read_text(reads, key, ACTIVE, now) if draft is None else draft.document

    return service.store.read(job)


def _proposed(program: Program, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The examples that ids stand for; only the rules that they are about are looked at."""
    rules = {one.rule for one in subjects_of(program) if any(each.startswith(f"{one.pointer}:") for each in ids)}
    known = {one.id: one.example for one in propose(program, rules, TRIALS).examples} if rules else {}
    unknown = [
        Fault(f"/ids/{place}", "wrong-value", f"expected the id of a proposal, found `{one}`; propose again")
        for place, one in enumerate(ids)
        if one not in known
    ]
    if unknown:
        raise InvalidRequest("the request has faults", unknown)
    return [known[one] for one in dict.fromkeys(ids)]


def _rules(program: Program, asked: Sequence[str]) -> frozenset[str]:
    """The rules that are asked for."""
    known = {one.rule for one in subjects_of(program)}
    unknown = [
        Fault(f"/rules/{place}", "wrong-value", f"expected the path of a rule with a condition, found `{one}`")
        for place, one in enumerate(asked)
        if one not in known
    ]
    if unknown:
        raise InvalidRequest("the request has faults", unknown)
    return frozenset(asked)
