"""Read what is known of one profile: its stage, tags, tiers and scores as they were last decided, and its facts.

Scores, outputs and coverage are as of the last decision. Nothing is decided here.
Source: docs/api.md, "Profiles".
"""

import json
from collections.abc import Mapping
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

    def job(reads: Reads) -> list[tuple[ProfileRow, str, EvaluationRow | None]]:
        rows = [row for row in reads.profiles(profile_id) if ruleset in (None, row.ruleset)]
        return [(row, _digest(reads, row), reads.evaluation(row.evaluation_id)) for row in rows]

    found = service.store.read(job)
    if not found:
        under = f" under ruleset `{ruleset}`" if ruleset else ""
        raise NotFound(f"there is no profile `{profile_id}`{under}")
    standings = [{"profile_id": profile_id, **_standing(*one)} for one in found]
    return standings[0] if ruleset else {"profile_id": profile_id, "rulesets": standings}


def _standing(row: ProfileRow, digest: str, evaluation: EvaluationRow | None) -> dict[str, Any]:
    state = State.from_json(orjson.loads(row.state))
    outcome = _outcome(row, state, evaluation)
    return {
        "ruleset": {"key": row.ruleset, "version": row.version, "digest": digest},
        "evaluation_id": row.evaluation_id,
        "revision": row.revision,
        "at": write_instant(row.at),
        "stage": row.stage,
        **{name: outcome[name] for name in ("tags", "tiers", "scores", "values", "undetermined", "next_change")},
        "since": since_json(state),
        "overrides": override_json(state),
        "attributes": orjson.Fragment(row.facts),
    }


def _outcome(row: ProfileRow, state: State, evaluation: EvaluationRow | None) -> Mapping[str, Any]:
    """What the last record says; where its content is gone, what is remembered of it."""
    if evaluation is not None and evaluation.record:
        found: Mapping[str, Any] = json.loads(evaluation.record, parse_float=Decimal)["outcome"]
        return found
    scores = json.loads(row.scores, parse_float=Decimal)
    return {
        "tags": sorted(state.tags),
        "tiers": {key: place.band for key, place in state.tiers.items()},
        "scores": {key: {"value": value, "coverage": None} for key, value in scores.items()},
        "values": {},
        "undetermined": {},
        "next_change": None if row.next_at is None else {"at": write_instant(row.next_at), "decisions": []},
    }


def _digest(reads: Reads, row: ProfileRow) -> str:
    version = reads.version(row.ruleset, row.version)
    assert version is not None
    return version.digest


def override_json(state: State) -> dict[str, Any]:
    """Each tag for which a person's word stands, with that word."""
    return {
        tag: {**one._asdict(), "since": write_instant(one.since), "expires_at": _instant(one.expires_at)}
        for tag, one in state.overrides.items()
    }


def since_json(state: State) -> dict[str, Any]:
    """Since when the stage, each tag and each band has been held."""
    return {
        "stage": _instant(state.stage_since),
        "tags": {key: write_instant(one.since) for key, one in state.tags.items()},
        "tiers": {key: write_instant(one.since) for key, one in state.tiers.items()},
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else write_instant(at)
