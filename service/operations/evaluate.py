"""Decide profiles and record it, before the reply: one profile, many, or one under several rulesets.

Each operation is one job for the store, so that all it decides is recorded together or not at all. A dry run reads
only.
Source: docs/api.md, "Evaluate".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from service.errors import Conflict, Fault, InvalidRequest, NotFound, ServiceError, TooLarge
from service.language.diagnostics import step
from service.operations.auditing.receipts import with_receipt
from service.operations.decide import Context, Decided, NewerVersion, decide, decide_dry, recall
from service.operations.ports import Caller, Reads, Unit
from service.operations.programs import SKEW_MILLISECONDS, Published
from service.operations.repeats import Repeat, Reply, once
from service.operations.replies import json_text, reply_json
from service.operations.requests import (
    BATCH_FRAME,
    EVALUATE,
    EVALUATE_RULESETS,
    ITEM,
    MOST_ITEMS,
    Ask,
    gather,
    read_ask,
    read_at,
)
from service.operations.service import Service
from service.operations.shapes import faults

T = TypeVar("T")
DecideOne = Callable[[Ask], Decided]
Problem = Callable[[ServiceError], Mapping[str, Any]]
"""How the door that was used words an error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to evaluate: its JSON body, who sent it, and how it names itself if it may come twice.

    `accept_newer` lets a profile be decided by an older version than decided it last.
    """

    body: object
    caller: Caller
    repeat: Repeat | None = None
    accept_newer: bool = False

    def member(self, name: str) -> Any:
        """A member of the body; `None` where there is none."""
        return self.body.get(name) if isinstance(self.body, dict) else None


def evaluate_profile(service: Service, key: str, request: Request) -> Reply:
    """Decide one profile. `NotFound` without such a ruleset, `InvalidRequest` with every fault, `Conflict` for a stale
    `at`.
    """

    def prepare() -> Ask:
        _check_receipt(request)
        return read_ask(request.body, EVALUATE, _version_for(service, key, request))

    def work(decide_one: DecideOne, ask: Ask) -> Reply:
        return Reply(json_text(reply_json(decide_one(ask))), recorded=1)

    reply = perform(service, request, "api", prepare, work)
    return with_receipt(service, reply) if request.member("receipt") is True else reply


def evaluate_rulesets(service: Service, request: Request) -> Reply:
    """Decide one profile under several rulesets: all of them, or none."""

    def prepare() -> list[Ask]:
        published = _named(service, request)
        return gather([partial(read_ask, request.body, EVALUATE_RULESETS, one) for one in published])

    def work(decide_one: DecideOne, asks: list[Ask]) -> Reply:
        results = [reply_json(decide_one(ask)) for ask in asks]
        return Reply(json_text({"results": results}), recorded=len(results))

    return perform(service, request, "api", prepare, work)


def evaluate_batch(service: Service, key: str, request: Request, problem: Problem) -> Reply:
    """Decide many profiles in order; for an item that can't be decided `{"error": problem}` stands in its place."""

    def prepare() -> list[Ask | ServiceError]:
        published = service.programs.active(key)
        items = _items(request)
        at = read_at(request.body, published.program.where)
        return [_item(one, published, at, place) for place, one in enumerate(items)]

    def work(decide_one: DecideOne, asks: list[Ask | ServiceError]) -> Reply:
        results = [_result(decide_one, ask, problem) for ask in asks]
        return Reply(json_text({"results": results}), recorded=sum("error" not in one for one in results))

    return perform(service, request, "batch", prepare, work)


def perform(
    service: Service, request: Request, trigger: str, prepare: Callable[[], T], work: Callable[[DecideOne, T], Reply]
) -> Reply:
    """Run `work` on what `prepare` read, in one transaction; again, if the store knows a newer version than this
    process.
    """
    if request.member("dry_run") is True:
        return service.store.read(_dry_job(service, prepare(), work))
    seen: list[Decided] = []
    try:
        reply = service.store.write(_job(service, request, trigger, prepare(), work, seen))
    except NewerVersion:
        service.programs.refresh(SKEW_MILLISECONDS)
        accepting = replace(request, accept_newer=True)
        reply = service.store.write(_job(service, accepting, trigger, prepare(), work, seen))
    service.watch.offer(seen)
    return reply


def _job(
    service: Service,
    request: Request,
    trigger: str,
    asked: T,
    work: Callable[[DecideOne, T], Reply],
    seen: list[Decided],
) -> Callable[[Unit], Reply]:
    """The job of one request; `seen` is left with what it decided."""

    def job(unit: Unit) -> Reply:
        seen.clear()
        asks = [one for one in (asked if isinstance(asked, list) else [asked]) if isinstance(one, Ask)]
        _lock(unit, request.repeat, asks)
        context = _context(service, request, trigger)
        people = {one.profile_id for one in asks}

        def decide_one(ask: Ask) -> Decided:
            seen.append(decided := decide(unit, context, ask))
            return decided

        return once(unit, request.repeat, context.now, lambda: work(decide_one, asked), people)

    return job


def _lock(unit: Unit, repeat: Repeat | None, asks: Sequence[Ask]) -> None:
    """Keep others from what a job is about to read, all at once and in an order in which nobody blocks another."""
    if repeat is not None:
        unit.alone(f"reply {repeat.key_id} {repeat.idempotency_key}")
    unit.lock([(one.published.key, one.profile_id) for one in asks])


def _dry_job(service: Service, asked: T, work: Callable[[DecideOne, T], Reply]) -> Callable[[Reads], Reply]:
    now = service.clock()

    def job(reads: Reads) -> Reply:
        reply = work(lambda ask: decide_dry(recall(reads, service.programs, ask), now, ask), asked)
        return replace(reply, recorded=0)

    return job


def _context(service: Service, request: Request, trigger: str) -> Context:
    # Why: `now` is read when the profiles are locked, so that two requests for one never stand in the wrong order.
    return Context(
        programs=service.programs,
        ids=service.ids,
        caller=request.caller,
        now=service.clock(),
        trigger=trigger,
        accept_newer=request.accept_newer,
    )


def _version_for(service: Service, key: str, request: Request) -> Published:
    """The version to decide with: the active one, or for a dry run the one that is pinned."""
    version = request.member("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return service.programs.active(key)
    if request.member("dry_run") is not True:
        fault = Fault("/version", "wrong-value", "a version can be pinned for dry runs only")
        raise InvalidRequest("the request has faults", [fault])
    return service.programs.published(key, version)


def _check_receipt(request: Request) -> None:
    if request.member("receipt") is True and request.member("dry_run") is True:
        fault = Fault("/receipt", "wrong-value", "a dry run records nothing that there could be a receipt for")
        raise InvalidRequest("the request has faults", [fault])


def _named(service: Service, request: Request) -> list[Published]:
    """The active versions of the rulesets that the body names."""
    found = faults(EVALUATE_RULESETS, request.body)
    if any(one.pointer in {"", "/rulesets"} or one.pointer.startswith("/rulesets/") for one in found):
        raise InvalidRequest("the request has faults", found)
    named: list[Published] = []
    for place, key in enumerate(request.member("rulesets")):
        try:
            named.append(service.programs.active(key))
        except NotFound as missing:
            found.append(Fault(f"/rulesets/{place}", "unknown-ruleset", missing.detail))
        except Conflict as ended:
            found.append(Fault(f"/rulesets/{place}", ended.code, ended.detail))
    if len(named) < len(request.member("rulesets")):
        raise InvalidRequest("the request has faults", found)
    return named


def _items(request: Request) -> list[object]:
    """The items of a batch that has the right shape."""
    found = faults(BATCH_FRAME, request.body)
    if found:
        raise InvalidRequest("the request has faults", found)
    items: list[object] = request.member("items")
    if len(items) > MOST_ITEMS:
        raise TooLarge(f"expected at most {MOST_ITEMS} items, found {len(items)}")
    return items


def _item(item: object, published: Published, at: int | None, place: int) -> Ask | ServiceError:
    try:
        return read_ask(item, ITEM, published, step("/items", place), at)
    except ServiceError as refused:
        return refused


def _result(decide_one: DecideOne, ask: Ask | ServiceError, problem: Problem) -> Mapping[str, Any]:
    if isinstance(ask, ServiceError):
        return {"error": problem(ask)}
    try:
        return reply_json(decide_one(ask))
    except ServiceError as refused:
        return {"error": problem(refused)}
