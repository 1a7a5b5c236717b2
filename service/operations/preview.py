"""A ruleset's text and one profile -> the reply that evaluating it would give, with no store at all.

Source: docs/api.md, "Evaluate", dry runs.
"""

from typing import Any

from service.errors import RulesetRejected
from service.language.pipeline import read_ruleset
from service.operations.decide import decide_dry
from service.operations.programs import ready
from service.operations.replies import reply_json
from service.operations.requests import EVALUATE, read_ask


def preview_profile(text: str | bytes, body: object, now: int) -> dict[str, Any]:
    """The reply for a profile never seen before, under version 0, which no published ruleset has.

    `body` is that of an evaluate request. `RulesetRejected` has all findings if the ruleset has errors,
    `InvalidRequest` every fault of the body.
    """
    reading = read_ruleset(text)
    if reading.program is None:
        raise RulesetRejected("the ruleset has errors", reading.diagnostics)
    return reply_json(decide_dry(None, now, read_ask(body, EVALUATE, ready(reading.program, 0))))
