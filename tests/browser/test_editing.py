"""The story of a business user who changes a rule: in words and rows, seeing what comes of it, without any JSON."""

import re

HERE = "/console/rulesets/telegram-lifecycle"


def test_a_rule_is_changed_without_json(sit_down):
    """Fifteen days become ten: the editor sees the sentence of the change and who would move, and submits it."""
    page = sit_down("ada")
    page.goto(HERE)
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_role("searchbox").fill("15 days")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="No message or click for 15 days").click()

    rule = page.get_by_role("group", name="What it is")
    assert rule.get_by_label("What is looked at").locator("option:checked").inner_text() == "Last message or click"
    rule.get_by_label("Value", exact=True).fill("10")

    page.get_by_text("Saved.").wait_for()
    aside = page.get_by_role("complementary", name="What this would change")
    aside.get_by_text(re.compile("needs at least 10 instead of 15 days since")).wait_for()
    aside.get_by_text("of the customers would move").wait_for()
    assert "→ At risk" in aside.inner_text()
    assert not re.search(r'[{}]|"expression"', page.locator("main").inner_text())

    page.get_by_role("link", name="The draft").click()
    page.get_by_text(re.compile("needs at least 10 instead of 15 days since")).wait_for()
    page.get_by_role("button", name="Expect what comes out now").click()
    page.get_by_text("The examples expect what comes out of the draft now.").wait_for()
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_text("Submitted. Somebody else can approve it now.").wait_for()
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_role("status").get_by_text("The draft is gone.").wait_for()


def test_rows_grow_and_texts_are_completed(sit_down):
    """Lines are added and change their inputs in place; a text is completed by titles; a slip is mended by a button."""
    page = sit_down("ada")
    page.goto(f"{HERE}/edit/tags/paid")
    rule = page.get_by_role("group", name="When", exact=True)
    before = rule.get_by_label("What is looked at").count()
    rule.get_by_role("button", name="Add a line").last.click()
    rule.get_by_label("What is looked at").nth(before).wait_for()
    rule.get_by_label("What is looked at").last.select_option("stage")
    page.locator("#f-when .cond").last.locator("select[name$=':value']").select_option("core")
    page.get_by_text("Saved.").wait_for()

    rule.get_by_role("button", name="Write it as text").click()
    text = page.locator("#t-when")
    assert "stage == 'core'" in text.input_value()
    text.fill("")
    text.press_sequentially("articles")
    page.get_by_role("option").first.wait_for()
    text.press("Enter")
    assert text.input_value() == "articles_read"
    text.press_sequentially(" >= 3 && repeat")
    text.press("Escape")
    page.get_by_role("button", name="Write `and`").click()
    rule.get_by_role("button", name="Write it as text").wait_for()

    page.goto(f"{HERE}/edit")
    page.get_by_role("button", name="Discard the draft").click()
    page.get_by_role("button", name="Discard", exact=True).click()
    page.get_by_role("status").get_by_text("The draft is gone.").wait_for()


def test_two_editors_lose_nothing(sit_down):
    """Who saves second sees what both changed, and keeps both."""
    first, second = sit_down("ada"), sit_down("root")
    for page, tag in ((first, "paid"), (second, "referrer")):
        page.goto(f"{HERE}/edit/tags/{tag}")
        page.locator("[name='owner']").wait_for(state="attached")
    first.get_by_label("Owner").fill("first desk")
    first.get_by_text("Saved.").wait_for()
    second.get_by_label("Owner").fill("second desk")
    second.get_by_text("Somebody else changed the draft").wait_for()
    second.get_by_role("button", name="Save", exact=True).click()
    second.get_by_role("heading", name="Somebody else saved first").wait_for()
    assert "first desk" in second.locator("main").inner_text()
    second.get_by_role("button", name="Save what I chose").click()
    said = second.locator("main").inner_text()
    assert "first desk" in said
    assert "second desk" in said
    second.get_by_role("button", name="Discard the draft").click()
    second.get_by_role("button", name="Discard", exact=True).click()
    second.get_by_role("status").get_by_text("The draft is gone.").wait_for()
