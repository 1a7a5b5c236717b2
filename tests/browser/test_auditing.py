"""An auditor at a real browser: is the log whole, what was decided about somebody, and proof of it to take away."""

import subprocess
import sys
import zipfile

from axe_playwright_python.sync_playwright import Axe

from tests.browser.test_every_page import RULES

PATIENCE_MS = 60_000


def barriers(page):
    """What hinders somebody on a page, by axe."""
    found = Axe().run(page, options=RULES).response["violations"]
    return {one["id"]: [node["html"] for node in one["nodes"]][:3] for one in found}


def test_an_auditor_takes_evidence_away_and_checks_it(sit_down, tmp_path):
    """By keyboard from the menu to the pack of one person; the verifier that is in it says that it holds."""
    page = sit_down("eve")
    page.get_by_role("link", name="Audit").press("Enter")
    page.get_by_role("link", name="Evidence packs").press("Enter")
    page.get_by_label("The person's id").fill("reader-3")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The pack is made, and checked").wait_for(timeout=PATIENCE_MS)
    assert barriers(page) == {}
    command = page.locator("pre").inner_text()

    with page.expect_download() as started:
        page.get_by_role("link", name="Download the pack").press("Enter")
    pack = tmp_path / started.value.suggested_filename
    started.value.save_as(pack)

    with zipfile.ZipFile(pack) as archive:
        assert b"reader-3" in archive.read("report.html")
        archive.extract("verifier.py", tmp_path)
    done = subprocess.run(
        [sys.executable, *command.split()[1:]], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "holds"
    page.goto("/console/audit/looking")
    page.get_by_role("cell", name="took an evidence pack away").first.wait_for()


def test_an_auditor_verifies_the_log(sit_down):
    """The result appears by itself, in the language of the auditor."""
    page = sit_down("eve", language="zh", theme="dark")
    page.goto("/console/audit")
    page.get_by_role("button", name="核验日志").click()
    page.get_by_role("heading", name="日志完整").wait_for(timeout=PATIENCE_MS)

    assert barriers(page) == {}
    page.goto("/console/audit/checkpoints")
    page.get_by_role("button", name="核验").click()
    page.get_by_text("没有改动或删除").wait_for()


def test_reports_are_for_everybody(sit_down):
    """Each report can be used by everybody, also on a phone, where only tables and tabs scroll."""
    page = sit_down("eve", width=390)
    for kind in ("stages", "tags", "tiers", "transitions", "retention"):
        page.goto(f"/console/reports/{kind}?ruleset=telegram-lifecycle")
        assert barriers(page) == {}, kind
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, kind
