"""What holds of a draft for every profile, with proofs and witnesses; and whether two versions decide differently.

Proving takes seconds and a solver, so it is done by a job, or for two versions in a process of its own that is ended
when its time is over; never in the process that answers requests. The solver is an extra; without it both are refused.
Source: docs/api.md, "Proofs"; docs/language.md, "Proofs".
"""

import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import orjson

from service.audit.job_rows import JobRow
from service.engine.differ import UNDECIDED, Difference, differ
from service.engine.prove import Limits, prove
from service.errors import Conflict
from service.language.diagnostics import Severity
from service.operations.authoring.compare import read_text
from service.operations.authoring.drafts import read_draft
from service.operations.authoring.jobs import Task, Wish, add_job
from service.operations.authoring.simulate import read_program
from service.operations.ports import Caller, Reads
from service.operations.service import Service

KIND = "prove"
SECONDS = 60
"""How long the questions about one ruleset may take together."""
DIFFER_SECONDS = 15
LIMITS = Limits(question=500)
"""Why so short: a job must end within a second of being told to, and no question is cut off in the middle."""


def require_solver() -> None:
    """`Conflict` where the solver is not installed, with the remedy."""
    if find_spec("z3") is None:
        detail = "proofs need a solver that is not installed: install `tagwright[proofs]`"
        raise Conflict(detail, "proofs-not-installed")


def prove_draft(service: Service, key: str, caller: Caller) -> JobRow:
    """Queue the proofs of a ruleset's draft. `NotFound` without a draft, `RulesetRejected` if it has errors,
    `Conflict` without the solver.
    """
    require_solver()
    text = read_draft(service, key).document
    program = read_program(text, key)
    return add_job(service, Wish(kind=KIND, ruleset=key, digest=program.digest, payload={"document": text}), caller)


def run(task: Task) -> dict[str, Any]:
    """The job: see `prove_text`."""
    require_solver()
    return prove_text(task.payload["document"], SECONDS, task.progress)


def prove_text(
    text: str | bytes, seconds: float, progress: Callable[[int, int | None], None] = lambda *_: None
) -> dict[str, Any]:
    """The findings about a ruleset, what stays undecided, and how many questions were asked; in both languages.

    `RulesetRejected` if it has errors, `Conflict` without the solver.
    """
    require_solver()
    program = read_program(text)
    found = prove(program, countdown(seconds), LIMITS, progress)
    return {"ruleset": program.key, "digest": program.digest, **found.to_json()}


def differ_texts(old: str | bytes, new: str | bytes, seconds: float) -> dict[str, Any]:
    """Whether two rulesets decide any profile differently, with who shows it."""
    require_solver()
    return differ(read_program(old), read_program(new), countdown(seconds), LIMITS).to_json()


def countdown(seconds: float) -> Callable[[], int]:
    """What tells how many milliseconds are left of some seconds."""
    end = monotonic() + seconds
    return lambda: max(0, int((end - monotonic()) * 1000))


def semantic_diff(service: Service, key: str, old: str, new: str) -> dict[str, Any]:
    """Whether two versions of a ruleset decide any profile differently; each is a number, `active` or `draft`.

    `NotFound` without one of them, `Conflict` without the solver.
    """
    require_solver()
    now = service.clock()
    before, after = service.store.read(lambda reads: [read_text(reads, key, one, now) for one in (old, new)])
    for text in (before, after):
        read_program(text)
    return differ_apart(before, after)


def differ_apart(old: str, new: str, seconds: float = DIFFER_SECONDS) -> dict[str, Any]:
    """The same in a process of its own; undecided if that is not done in time."""
    with TemporaryDirectory(prefix="tagwright-proof-") as folder:
        paths = [Path(folder) / name for name in ("old.json", "new.json")]
        for path, text in zip(paths, (old, new), strict=True):
            path.write_text(text, "utf-8")
        words = [
            "-m",
            "service",
            "prove",
            str(paths[1]),
            "--against",
            str(paths[0]),
            "--json",
            "--seconds",
            str(seconds),
        ]
        try:
            done = subprocess.run(  # noqa: S603  # our own command
                [sys.executable, *words], capture_output=True, timeout=2 * seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return Difference(UNDECIDED, reasons=("time",)).to_json()
    found: dict[str, Any] = orjson.loads(done.stdout)
    return found


def proven_warnings(reads: Reads, digest: str) -> list[dict[str, Any]]:
    """The warnings of the newest proofs of a version with this digest; none where it was not proven.

    Each has `code`, `pointer`, `message` by language, and `witness`.
    """
    jobs = reads.jobs.newest_done(KIND, digest, None)
    findings = orjson.loads(jobs[0].result or "{}").get("findings", []) if jobs else []
    members = ("code", "pointer", "message", "witness")
    return [{name: one[name] for name in members} for one in findings if one["severity"] == Severity.WARNING]
