"""The constructs -> one JSON Schema (2020-12) of a ruleset, for editors and the service's own documentation.

It says what a document may look like; what members say against each other, and what rules mean, only a check finds.
Source: docs/language.md; JSON Schema 2020-12.
"""

from service.language.constructs import RulesetShape
from service.language.fields import Construct, Json, ListOf, Member, Object, nullable
from service.language.scalars import DEFINITIONS


def ruleset_schema() -> Json:
    """The schema of a whole ruleset, made anew: every construct a definition, every member described."""
    definitions: dict[str, Json] = {}
    root = _define(RulesetShape(), definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tagwright ruleset",
        **root,
        "$defs": {**DEFINITIONS, **dict(sorted(definitions.items()))},
    }


def _define(construct: Construct, definitions: dict[str, Json]) -> Json:
    """The schema of one construct; those it holds are added to `definitions`."""
    members = construct.members
    for member in members.values():
        inner = member.inner if isinstance(member, ListOf) else member
        if isinstance(inner, Object) and inner.construct.name not in definitions:
            definitions[inner.construct.name] = _define(inner.construct, definitions)
    return {
        "description": (construct.__doc__ or "").partition("\n")[0],
        "type": "object",
        "required": [name for name, member in members.items() if member.required],
        "properties": {name: _property(construct, member) for name, member in members.items()},
        "additionalProperties": False,
    }


def _property(construct: Construct, member: Member) -> Json:
    """The schema of a member; null is as good as absent where the member may be left out."""
    described = member.describe()
    takes_null = member.allow_none if construct.null_counts else not member.required
    return {"description": member.metadata["description"], **(nullable(described) if takes_null else described)}
