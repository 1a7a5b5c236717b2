"""An auditor is asked why a reader of the channel is at risk, and answers with the reason, the record and its proof."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.test_every_page import RULES

READER = "reader-12"
MOST_LOOKS = 40
"""How often it is looked for what time brings, which the service decides by itself soon after it began."""


def test_an_auditor_answers_why_a_reader_is_at_risk(sit_down):
    """From the profile to the sentence, from the sentence to the record, and the record decided again is equal."""
    page = sit_down("eve")
    page.get_by_role("link", name="Profiles").click()
    page.wait_for_load_state("load")
    expect(page.get_by_role("heading", level=1)).to_have_text("Profiles")
    page.keyboard.press("/")
    page.keyboard.type(READER)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(READER)

    page.get_by_label("Stage, tag or band").select_option(label="At risk")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("“At risk” holds")).to_be_visible()
    story = page.get_by_role("listitem").filter(has_text="→ At risk").first
    wait_for_the_sweep(page, story)
    expect(page.get_by_role("status")).to_contain_text("The stage changed from")

    expect(story).to_contain_text("The stage changed from")
    expect(story).to_contain_text("because")
    story.get_by_role("link", name="Record").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Record of {READER}")
    expect(page.get_by_text("What was decided, and why")).to_be_visible()
    assert Axe().run(page, options=RULES).response["violations"] == []

    page.get_by_role("button", name="Decide again").first.click()
    expect(page.get_by_text("equal to the byte")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="The record as a file").click()
    assert download.value.suggested_filename.endswith(".json")


def test_an_editor_walks_through_time(sit_down):
    """With the keyboard alone: an example is loaded, the slider shows what stands at each moment, typing decides anew."""
    page = sit_down("ada")
    page.goto("/console/rulesets/telegram-lifecycle/try")
    page.get_by_label("An example of this ruleset").select_option(index=1)
    page.wait_for_url("**/try?example=0")
    slider = page.get_by_label("Moment")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("#moment")).to_have_text(re.compile("2026-11-01"))
    shown = page.locator("[data-first]:visible .figure").first
    expect(shown).to_have_text("New")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(shown).not_to_have_text("New")
    assert Axe().run(page, options=RULES).response["violations"] == []

    page.get_by_label("Articles read").fill("-1")
    expect(page.get_by_role("alert")).to_contain_text("at least 0")
    page.get_by_label("Articles read").fill("3")
    expect(page.locator("#moment")).to_be_visible()


def wait_for_the_sweep(page, place):
    """Look again until what time brought was decided."""
    for _ in range(MOST_LOOKS):
        if place.count():
            return
        page.wait_for_timeout(250)
        page.reload()
