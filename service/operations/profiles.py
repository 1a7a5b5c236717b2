"""Read what is known of one profile: its stage, tags, tiers and scores as they were last decided, and its facts.

Scores, outputs and coverage are as of the last decision. Nothing is decided here.
Source: docs/api.md, "Profiles".
"""

import json
from decimal import Decimal
from typing import Any

import orjson

from service.audit.rows import EvaluationRow, ProfileRow
from service.engine.state import State
from service.errors import NotFound
from service.language.instants import write_instant
from service.operations.ports import Reads
from service.operations.service import Service


def read_profile(service: Service, profile_id: str, ruleset: str | None) -> dict[str, Any]:
    """A profile under one ruleset, or as `rulesets` under all that have seen it; `NotFound` if none has."""

    def job(reads: Reads) -> list[tuple[ProfileRow, EvaluationRow | None]]:
        rows = [row for row in reads.profiles(profile_id) if ruleset in (None, row.ruleset)]
        return [(row, reads.evaluation(row.evaluation_id)) for row in rows]

    found = service.store.read(job)
    if not found:
        under = f" under ruleset `{ruleset}`" if ruleset else ""
        raise NotFound(f"there is no profile `{profile_id}`{under}")
    standings = [{"profile_id": profile_id, **_standing(row, evaluation)} for row, evaluation in found]
    return standings[0] if ruleset else {"profile_id": profile_id, "rulesets": standings}


def _standing(row: ProfileRow, evaluation: EvaluationRow | None) -> dict[str, Any]:
    assert evaluation is not None, row.evaluation_id
    outcome = json.loads(evaluation.record, parse_float=Decimal)["outcome"]
    state = State.from_json(orjson.loads(row.state))
    return {
        "ruleset": {"key": row.ruleset, "version": row.version, "digest": evaluation.digest},
        "evaluation_id": row.evaluation_id,
        "revision": row.revision,
        "at": write_instant(row.at),
        "stage": row.stage,
        **{name: outcome[name] for name in ("tags", "tiers", "scores", "values", "undetermined", "next_change")},
        "since": _since(state),
        "overrides": {
            tag: {**one._asdict(), "since": write_instant(one.since), "expires_at": _instant(one.expires_at)}
            for tag, one in state.overrides.items()
        },
        "attributes": orjson.Fragment(row.facts),
    }


def _since(state: State) -> dict[str, Any]:
    """Since when the stage, each tag and each band has been held."""
    return {
        "stage": _instant(state.stage_since),
        "tags": {key: write_instant(one.since) for key, one in state.tags.items()},
        "tiers": {key: write_instant(one.since) for key, one in state.tiers.items()},
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else write_instant(at)
