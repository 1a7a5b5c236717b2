"""The rows of the table of routes about letting content go."""

from functools import partial

from service.api.erasing import erasure, hold, holds, new_hold, new_retention, no_hold, retention
from service.api.route import JSON, Route
from service.api.schemas import ref
from service.api.terms import ADMINS, CURSOR, KEY_READERS, LIMIT
from service.operations.auditing.erase import ERASE
from service.operations.auditing.hold import HOLD
from service.operations.auditing.retention import RETENTION

_PROFILE = "/v1/profiles/{profile_id*}"
_HOLD = f"{_PROFILE}/hold"
_read = partial(Route, method="GET", section="Erasure", roles=KEY_READERS)
_write = partial(Route, section="Erasure", roles=ADMINS)

ERASURE_ROUTES: tuple[Route, ...] = (
    _write(
        method="DELETE",
        path=_PROFILE,
        operation="erase_profile",
        summary="Erase everything about a person; proofs over the log still hold.",
        handler=erasure,
        body=ERASE,
        reply={JSON: ref("Erased")},
        problems=(404, 409),
    ),
    _read(
        path=_HOLD,
        operation="read_hold",
        summary="Who has a profile kept, and why.",
        handler=hold,
        reply={JSON: ref("Hold")},
        problems=(404,),
    ),
    _write(
        method="PUT",
        path=_HOLD,
        operation="place_hold",
        summary="Have a profile kept: neither erasure nor retention touches it.",
        handler=new_hold,
        body=HOLD,
        reply={JSON: ref("Hold")},
        problems=(404, 409),
    ),
    _write(
        method="DELETE",
        path=_HOLD,
        operation="end_hold",
        summary="Let a profile go again, if it is asked for.",
        handler=no_hold,
        status=204,
        problems=(404,),
    ),
    _read(
        path="/v1/holds",
        operation="list_holds",
        summary="Every profile that must be kept, by id.",
        handler=holds,
        query={"cursor": CURSOR, "limit": LIMIT},
        reply={JSON: ref("HoldPage")},
    ),
    _read(
        path="/v1/retention",
        operation="read_retention",
        summary="For how many days each kind of content is kept.",
        handler=retention,
        reply={JSON: ref("Retention")},
    ),
    _write(
        method="PUT",
        path="/v1/retention",
        operation="set_retention",
        summary="Change for how many days content is kept; what is not named stays.",
        handler=new_retention,
        body=RETENTION,
        reply={JSON: ref("Retention")},
    ),
)
"""Their rows."""
