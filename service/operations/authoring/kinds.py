"""Every kind of work that is done in a process of its own: its name, what does it, and who may read its results.

A new kind is one row here; whatever queues it calls `add_job` with its name.
"""

from collections.abc import Collection, Mapping

from service.operations.auditing import export, replay_period, verify
from service.operations.auditing.reports import report
from service.operations.authoring import examples, prove, simulate
from service.operations.authoring.jobs import Kind

AUTHORS = frozenset({"editor", "publisher", "auditor", "admin"})
"""Who may read what is found out about drafts."""

AUDITORS = frozenset({"auditor"})
"""Who may read what is found in the log about persons."""

KINDS: Mapping[str, Kind] = {
    simulate.KIND: Kind(simulate.run, AUTHORS, simulate.settle),
    prove.KIND: Kind(prove.run, AUTHORS),
    examples.KIND: Kind(examples.run, AUTHORS),
    report.KIND: Kind(report.run, AUTHORS),
    replay_period.KIND: Kind(replay_period.run, AUDITORS),
    verify.KIND: Kind(verify.run, AUDITORS),
    export.KIND: Kind(export.run, AUDITORS),
}
"""Kinds by name."""


def readable_kinds(roles: Collection[str]) -> frozenset[str]:
    """The kinds that somebody with some roles may read and cancel."""
    return frozenset(name for name, kind in KINDS.items() if kind.roles & set(roles))
