"""Evidence packs: asked for in words, made by a job, taken away as a file that anybody can check alone."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from service.audit.find_rows import Sought
from service.console.days import read_period
from service.console.page import Moved, Reaction, Sent, Shown, Visit
from service.console.texts import Speaker, speaker
from service.console.working import read_work, recent_work
from service.errors import InvalidRequest
from service.language.instants import write_instant
from service.operations.auditing.export import KIND, export_log, read_export
from service.operations.auditing.find import list_evaluations
from service.operations.auditing.prove import read_log_keys
from service.operations.auditing.trail import list_audit_events
from service.operations.authoring.jobs import cancel_job

HERE = "/console/audit/evidence"
RECENT = 12
ABOUT = ("profile", "ruleset", "all")
"""What a pack may be about."""
ZIP = "application/zip"


def show_evidence(visit: Visit) -> Reaction:
    """The form for a pack, and the packs made lately."""
    return _form(visit, {"about": "profile", **{name: visit.query.get(name, "") for name in ("profile", "ruleset")}})


def act_evidence(visit: Visit) -> Reaction:
    """Ask for a pack; a job makes it."""
    form = {name: visit.form.get(name, "").strip() for name in ("about", "profile", "ruleset", "from", "to")}
    t = speaker(visit.language)
    wrong = {} if form["about"] != "profile" or form["profile"] else {"profile": t("evidence.profile_needed")}
    try:
        body = _body(form)
        if not wrong and form["about"] == "profile" and not _is_known(visit, form["profile"]):
            wrong = {"profile": t("evidence.profile_unknown")}
        job = None if wrong else export_log(visit.service, body, visit.caller)
    except InvalidRequest as refused:
        job, wrong = None, {one.pointer.removeprefix("/"): one.message for one in refused.errors}
    return _form(visit, form, wrong) if job is None else Moved(f"{HERE}/{job.id}")


def show_pack(visit: Visit) -> Reaction:
    """How far a pack is; what is in it, once it is made."""
    work = read_work(visit, KIND, visit.path["job_id"])
    _, keys = read_log_keys(visit.service)
    values = {
        "work": work,
        "made": work.result,
        "asked": told(work.payload, speaker(visit.language)),
        "key": str(keys[-1]),
    }
    return Shown("pack_state.html" if visit.is_fragment else "pack.html", values)


def act_pack(visit: Visit) -> Reaction:
    """Cancel a pack."""
    cancel_job(visit.service, {KIND}, visit.path["job_id"], visit.caller)
    return Moved(f"{HERE}/{visit.path['job_id']}", "jobs.cancelled")


def send_pack(visit: Visit) -> Reaction:
    """The pack itself; the log notes who has it."""
    job_id = visit.path["job_id"]
    name = f'attachment; filename="evidence-{job_id}.zip"'
    return Sent(read_export(visit.service, job_id, visit.caller), ZIP, headers={"Content-Disposition": name})


def told(payload: Mapping[str, Any], t: Speaker) -> list[tuple[str, str]]:
    """What was asked for, as names and values in words."""
    about = payload["profile"] or payload["ruleset"] or t("evidence.everything")
    kind = "profile" if payload["profile"] else "ruleset" if payload["ruleset"] else "all"
    ends = [payload[name] and payload[name][:16].replace("T", " ") for name in ("from", "to")]
    period = f"{ends[0] or '…'} — {ends[1] or '…'}" if any(ends) else t("evidence.ever")
    size = t("evidence.at_size", size=f"{payload['as_of_size']:,}")
    return [(t("evidence.about." + kind), about), (t("evidence.period"), period), (t("evidence.tree"), size)]


def _body(form: Mapping[str, str]) -> dict[str, Any]:
    begin, end = read_period(form, UTC)
    body: dict[str, Any] = {"from": begin and write_instant(begin), "to": end and write_instant(end)}
    if form["about"] in {"profile", "ruleset"}:
        body[form["about"]] = form[form["about"]]
    return body


def _is_known(visit: Visit, profile: str) -> bool:
    """Why asked: who can't be in the log is told at once, and not by a job that fails."""
    evaluations, _ = list_evaluations(visit.service, Sought({"profile_id": profile}), None, 1)
    return bool(evaluations or list_audit_events(visit.service, Sought({"subject": profile}), None, 1)[0])


def _form(visit: Visit, form: Mapping[str, str], wrong: Mapping[str, str] | None = None) -> Shown:
    t = speaker(visit.language)
    keys = [row.key for row in visit.service.store.read(lambda reads: reads.rulesets())]
    titles = [(key, t.text(visit.service.programs.latest(key).program.ruleset.title, key)) for key in keys]
    values = {
        "form": form,
        "about": ABOUT,
        "rulesets": titles,
        "wrong": wrong or {},
        "packs": [
            (job, told(read_work(visit, KIND, job["id"]).payload, t)[0][1]) for job in recent_work(visit, KIND, RECENT)
        ],
    }
    return Shown("evidence.html", values, 422 if wrong else 200)
