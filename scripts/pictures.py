"""Takes the pictures of docs/console.md: of a service with the shipped rulesets, made-up readers and a draft.

Everything runs on loopback, in a folder that is gone afterwards.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

from service.engine.examples import run_examples
from service.language.pipeline import read_ruleset
from tests.browser.conftest import PASSWORD, PEOPLE, QUIET, readers
from tests.end_to_end.running import HOST, ROOT, Running, running

FOLDER = ROOT / "docs" / "pictures"
KEY = "telegram-lifecycle"
ONE = f"/v1/rulesets/{KEY}"
PAGES = {
    "overview": "/console/",
    "rulesets": "/console/rulesets",
    "ruleset": f"/console/rulesets/{KEY}",
    "edit": f"/console/rulesets/{KEY}/edit",
    "review": f"/console/rulesets/{KEY}/review",
    "versions": f"/console/rulesets/{KEY}/versions",
    "try": f"/console/rulesets/{KEY}/try",
    "profile": f"/console/profiles/reader-6?ruleset={KEY}",
    "decisions": "/console/decisions",
    "reports": "/console/reports",
    "audit": "/console/audit",
    "evidence": "/console/audit/evidence",
    "subscriptions": "/console/subscriptions",
    "jobs": "/console/jobs",
    "people": "/console/people",
    "settings": "/console/settings",
}
"""What is shown, by the name of its picture."""
WIDTH, HEIGHT = 1200, 780
MOST_BYTES = 170_000
PATIENCE_S = 60


def main() -> int:
    """Fill the folder of pictures; 1 if a page did not answer, or a picture is too large for a repository."""
    FOLDER.mkdir(exist_ok=True)
    wrong = []
    with TemporaryDirectory() as folder, running(Path(folder), rulesets=ROOT / "rulesets", tally_seconds=1) as service:
        settle(service)
        with browsing(f"http://{HOST}:{service.port}") as page:
            for name, path in PAGES.items():
                reply = page.goto(path)
                if reply is None or not reply.ok:
                    wrong.append(f"{path}: {reply and reply.status}")
                    continue
                wrong += take(page, name)
            page.goto(PAGES["profile"])
            page.get_by_role("link", name="Record").first.click()
            wrong += take(page, "record")
            page.get_by_role("button", name="Sign out").click()
            wrong += take(page, "sign_in")
    print("\n".join(wrong) or f"{len(PAGES) + 2} pictures are in {FOLDER}")
    return 1 if wrong else 0


def take(page: Page, name: str) -> list[str]:
    """Take the picture of a page; what is wrong with it, if it is too large."""
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    size = file.stat().st_size
    return [] if size <= MOST_BYTES else [f"{file.name}: {size:,} bytes, at most {MOST_BYTES:,} are meant to be"]


def settle(service: Running) -> None:
    """People, readers, a draft that asks for a shorter silence, and what it would move."""
    for name, roles in PEOPLE.items():
        ask(service, "POST", "/v1/users", {"name": name, "password": PASSWORD, "roles": roles})
    ask(service, "POST", f"{ONE}/evaluate-batch", {"items": readers()})
    key = ask(service, "POST", "/v1/keys", {"name": "ada", "roles": ["editor"]})["key"]
    document = shorter(ask(service, "GET", ONE)["document"])
    ask(service, "PUT", f"{ONE}/draft", document, Authorization=f"Bearer {key}")
    wait(service, ask(service, "POST", f"{ONE}/draft/simulate", {})["id"])
    ask(service, "POST", f"{ONE}/draft/submit")


def shorter(document: dict[str, Any]) -> dict[str, Any]:
    """A ruleset in which ten silent days are too many; examples that expected fifteen are left out."""
    fifteen, ten = (f"days_since(last_contact_at) >= {days}" for days in (15, 10))
    text = json.dumps(document).replace(fifteen, ten)
    program = read_ruleset(text).program
    assert program is not None
    failing = {int(one.pointer.split("/")[2]) for one in run_examples(program).diagnostics if "examples" in one.pointer}
    changed: dict[str, Any] = json.loads(text)
    return {**changed, "examples": [one for place, one in enumerate(changed["examples"]) if place not in failing]}


def ask(service: Running, method: str, path: str, body: object = None, **headers: str) -> Any:
    """What the service answers; its own words if it refuses."""
    status, reply = service.call(method, path, body, **headers)
    if status >= 400:
        sys.exit(f"{method} {path}: {status} {reply}")
    return reply


def wait(service: Running, job_id: str) -> None:
    """Until a job has ended."""
    deadline = time.monotonic() + PATIENCE_S
    while ask(service, "GET", f"/v1/jobs/{job_id}")["state"] in {"queued", "running"}:
        if time.monotonic() > deadline:
            sys.exit("the simulation takes too long")
        time.sleep(0.2)


@contextmanager
def browsing(address: str) -> Iterator[Page]:
    """A page of a browser in which somebody is signed in who may do everything."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False, args=QUIET)
        page = browser.new_page(
            base_url=address, locale="en-US", color_scheme="light", viewport={"width": WIDTH, "height": HEIGHT}
        )
        page.goto("/console/sign-in")
        page.fill("#f-name", "root")
        page.fill("#f-password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/")
        yield page
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
