"""What a browser finds on every page: that everybody can use it, light and dark, in both languages, also on a phone."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from service.console.pages import PAGES

PATHS = {
    "key": "telegram-lifecycle",
    "version": "1",
    "section": "tags",
    "entry": "paid",
    "profile_id*": "reader-3",
    "report": "causes",
}
STRANGERS = {"sign_in"}
SKIPPED = {"sign_out", "preferences", "edit_names"}
LOOKS = [("en", "light"), ("zh", "dark")]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}


def addresses():
    """Every page that can be opened by its address, with one that fits."""
    for page in PAGES:
        wanted = re.findall(r"{([^}]+)}", page.path)
        if page.name not in SKIPPED and all(name in PATHS for name in wanted):
            yield page.name, "/console" + re.sub(r"{([^}]+)}", lambda match: PATHS[match[1]], page.path)


@pytest.mark.parametrize(("language", "theme"), LOOKS)
def test_everybody_can_use_every_page(sit_down, language, theme):
    """No page has a barrier that axe knows of, and each has one headline."""
    axe, found = Axe(), {}
    page = sit_down("root", language=language, theme=theme)
    for name, address in addresses():
        page.goto(address)
        assert page.locator("h1").count() == 1, name
        barriers = axe.run(page, options=RULES).response["violations"]
        found |= {f"{name}: {one['id']}": [node["html"] for node in one["nodes"]][:3] for one in barriers}
    assert found == {}


def test_every_page_fits_a_phone(sit_down):
    """On a narrow screen nothing is wider than it, but for tables and pictures that scroll in their own place."""
    page = sit_down("root", width=390)
    for name, address in addresses():
        page.goto(address)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390, (name, width)


def test_the_sign_in_is_usable_by_strangers(sit_down):
    """Who is not signed in finds a page without barriers too."""
    page = sit_down()
    page.goto("/console/sign-in")

    assert Axe().run(page, options=RULES).response["violations"] == []
