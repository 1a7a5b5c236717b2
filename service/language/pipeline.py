"""The stages from ruleset text to program, as one list, with the reason for each place.

Text in; ruleset, program, diagnostics and identity out. Source: docs/architecture.md.
"""

from dataclasses import dataclass

from service.language.advice import advise
from service.language.canonical import canonical_bytes, digest
from service.language.check import check_ruleset
from service.language.compile import compile_ruleset
from service.language.diagnostics import Diagnostic, has_errors
from service.language.document import read_document
from service.language.model import Ruleset
from service.language.program import Program
from service.language.shape import shape_ruleset


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of a text: `ruleset` if its shape is right, `program` if it has no errors; every diagnostic.

    `canonical` and `digest` are the version's identity, empty without a ruleset.
    """

    ruleset: Ruleset | None
    program: Program | None
    diagnostics: tuple[Diagnostic, ...]
    canonical: bytes = b""
    digest: str = ""


def read_ruleset(text: str | bytes) -> Reading:
    """Takes a ruleset's JSON text through every stage; a stage is skipped when what it needs could not be made."""
    # First the text: duplicate keys and NaN must not be lost before anyone sees them.
    document, found = read_document(text)
    if has_errors(found):
        return Reading(None, None, found)
    # Then the shape, all faults at once, so that every later stage can rely on it.
    ruleset, shaped = shape_ruleset(document)
    found = (*found, *shaped)
    if ruleset is None:
        return Reading(None, None, found)
    # The identity comes from the model's document: what means the same has the same digest.
    canonical = canonical_bytes(ruleset.document)
    identity = digest(canonical)
    # Names and types before anything that walks trees.
    rules, checked = check_ruleset(ruleset)
    found = (*found, *checked)
    if rules is None or has_errors(found):
        return Reading(ruleset, None, found, canonical, identity)
    # Advice looks at typed trees; compiling can't fail any more.
    found = (*found, *advise(ruleset, rules))
    return Reading(ruleset, compile_ruleset(ruleset, rules, identity), found, canonical, identity)
