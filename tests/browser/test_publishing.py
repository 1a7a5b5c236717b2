"""The story of a change: one writes it, another approves and publishes it; later it is taken back."""

import re
from datetime import UTC, datetime, timedelta

import pytest

KEY = "line-activity-score"
REVIEW = f"/console/rulesets/{KEY}/review"
VERSIONS = f"/console/rulesets/{KEY}/versions"
DRAFT = f"/v1/rulesets/{KEY}/draft"


@pytest.fixture
def draft(site):
    """Gives a draft that calls the ruleset otherwise, saved by somebody through the API; it is taken away at the end."""

    def save(title, key):
        document = site.call("GET", f"/v1/rulesets/{KEY}")[1]["document"]
        document["title"] = {"en": title, "zh": title}
        over = {"If_Match": "*"} if has_draft(site) else {}
        status, reply = site.call("PUT", DRAFT, document, Authorization=f"Bearer {key}", **over)
        assert status == 200, reply

    yield save
    if has_draft(site):
        site.call("DELETE", DRAFT, If_Match="*")


def has_draft(site):
    """Whether the ruleset has a draft."""
    return site.call("GET", DRAFT)[0] == 200


def key_of(site, *roles):
    """A new API key with some roles."""
    status, reply = site.call("POST", "/v1/keys", {"name": "writer", "roles": list(roles)})
    assert status == 201, reply
    return reply["key"]


def confirm(page):
    """Say yes in the dialog that asks."""
    page.locator("dialog button.primary").click()


def approve_and_fill(ada, bob):
    """The editor submits, the other one approves and writes why it is published."""
    ada.goto(REVIEW)
    ada.get_by_role("button", name="Submit for review").click()
    bob.goto(REVIEW)
    bob.get_by_role("button", name="Approve").click()
    bob.get_by_label("Why is this published?").fill("A clearer name")
    for box in bob.locator('input[name="acknowledge"]').all():
        box.check()


def test_a_second_person_publishes_and_takes_it_back(site, sit_down, draft):
    """What one submitted another approves and publishes, for tomorrow, cancels that, publishes a change at once, and
    rolls back.
    """
    writer = key_of(site, "editor")
    draft("A clearer name", writer)
    ada, bob = sit_down("ada"), sit_down("bob")

    approve_and_fill(ada, bob)
    bob.get_by_label("At a time to come").check()
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    bob.get_by_label(re.compile("Date and time in")).fill(tomorrow.strftime("%Y-%m-%dT09:00"))
    bob.get_by_role("button", name="Publish").click()
    confirm(bob)
    bob.get_by_text("comes into force at").wait_for()
    assert bob.locator(".badge", has_text="scheduled").is_visible()
    bob.get_by_role("button", name="Cancel the schedule").click()
    confirm(bob)
    bob.get_by_text("The schedule is cancelled").wait_for()

    draft("The clearest name", writer)
    approve_and_fill(ada, bob)
    bob.get_by_role("button", name="Publish").click()
    confirm(bob)
    bob.get_by_text("is in force since").wait_for()
    assert bob.get_by_role("heading", level=1).text_content() == "The clearest name"

    first = bob.locator("li", has=bob.locator("#v-1"))
    first.get_by_text("Roll back to this version").first.click()
    first.get_by_label("Why?").fill("The old name was known")
    first.get_by_role("button", name="Roll back to this version").click()
    confirm(bob)
    bob.get_by_text("Version 1 is in force again").wait_for()


def test_the_author_alone_is_told_why_not(site, sit_down, draft):
    """Whoever edited a draft finds no button to approve it, but who can and why, in their language."""
    own = key_of(site, "editor", "publisher")
    draft("Mine alone", own)
    page = sit_down(language="zh")
    page.goto("/console/sign-in")
    page.locator("summary").click()
    page.fill("input[name=key]", own)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/")

    page.goto(REVIEW)
    page.get_by_role("button", name="提交审核").click()

    page.get_by_text("须由他人批准").wait_for()
    assert page.get_by_role("button", name="批准", exact=True).count() == 0
