"""The routes that say why: of one evaluation, and of what a profile does not hold."""

from service.api.paging import spans
from service.api.route import Answer, Call, as_json
from service.operations.auditing.explain import About, WhyNot, explain_absence, explain_evaluation


def explanation(call: Call) -> Answer:
    """`GET /v1/evaluations/{evaluation_id}/explanation`."""
    query = call.query
    about = About(query.get("kind"), query.get("key"))
    language = query.get("language", call.language)
    return as_json(explain_evaluation(call.service, call.path["evaluation_id"], about, language))


def absence(call: Call) -> Answer:
    """`GET /v1/profiles/{profile_id}/why-not`."""
    query = call.query
    ((at, _),) = spans(query, ("at", "at"))
    question = WhyNot(query.get("ruleset"), query.get("tag"), query.get("stage"), query.get("tier"), at)
    language = query.get("language", call.language)
    return as_json(explain_absence(call.service, call.path["profile_id"], question, language))
