"""Whether this process can do its work now: the database answers and can be written, its schema is current, rulesets
are there.
"""

from collections.abc import Mapping

from service.config import ConfigError
from service.errors import LogBroken, Unavailable
from service.operations.auditing.seal import check_log
from service.operations.service import Service


def read_readiness(service: Service) -> Mapping[str, bool]:
    """One answer per thing that is needed; ready means that all are true."""
    return {
        "database": _answers(service),
        "writable": service.store.is_healthy or _can_write(service),
        "migrations": _is_current(service),
        "rulesets": _has_rulesets(service),
        "log": _is_log_whole(service),
    }


def _answers(service: Service) -> bool:
    try:
        service.store.read(lambda reads: reads.keys("", 1))
    except Unavailable:
        return False
    return True


def _can_write(service: Service) -> bool:
    # Why: after a failed commit only another one shows that writing works again, and no request may come before it.
    try:
        service.store.write(lambda unit: unit.probe())
    except Unavailable:
        return False
    return True


def _is_current(service: Service) -> bool:
    try:
        return not service.store.pending()
    except Unavailable:
        return False


def _has_rulesets(service: Service) -> bool:
    try:
        return bool(service.store.read(lambda reads: reads.rulesets()))
    except Unavailable:
        return False


def _is_log_whole(service: Service) -> bool:
    # Why only its right edge: whoever asks wants to know soon; `tagwright audit verify` looks at all of it.
    try:
        service.store.read(lambda reads: check_log(reads.sealing, service.store.notary))
    except (Unavailable, LogBroken, ConfigError):
        return False
    return True
