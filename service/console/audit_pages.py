"""The rows of the table of pages about the log, and what is made of it."""

from functools import partial

from service.console.evidence_pages import act_evidence, act_pack, send_pack, show_evidence, show_pack
from service.console.log_pages import (
    act_log,
    act_verification,
    show_checkpoint,
    show_checkpoints,
    show_log,
    show_verification,
)
from service.console.page import Page
from service.console.report_pages import act_report, show_report, show_reports
from service.console.trail_pages import show_events, show_looking

CHECKERS = frozenset({"editor", "publisher", "auditor", "admin"})

_audit = partial(Page, roles=frozenset({"auditor"}), section="audit")

AUDIT_PAGES: tuple[Page, ...] = (
    _audit(path="/audit", name="audit", show=show_log, act=act_log),
    _audit(path="/audit/events", name="audit_events", show=show_events),
    _audit(path="/audit/looking", name="audit_looking", show=show_looking),
    _audit(path="/audit/checkpoints", name="audit_checkpoints", show=show_checkpoints),
    _audit(path="/audit/checkpoints/{size}", name="audit_checkpoint", show=show_checkpoint),
    _audit(
        path="/audit/verifications/{job_id}", name="audit_verification", show=show_verification, act=act_verification
    ),
    _audit(path="/audit/evidence", name="audit_evidence", show=show_evidence, act=act_evidence),
    _audit(path="/audit/evidence/{job_id}", name="audit_pack", show=show_pack, act=act_pack),
    _audit(path="/audit/evidence/{job_id}/pack", name="audit_pack_file", show=send_pack),
    Page(path="/reports", name="reports", show=show_reports, roles=CHECKERS, section="reports"),
    Page(path="/reports/{report}", name="report", show=show_report, act=act_report, roles=CHECKERS, section="reports"),
)
