"""A real service with real data, and real browsers that look at it: Chromium, headless, over loopback."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.end_to_end.running import HOST, KEY, ROOT, Running, running

PASSWORD = "correct horse battery"
PEOPLE = {
    "ada": ["editor"],
    "bob": ["publisher"],
    "eve": ["auditor"],
    "root": ["admin", "editor", "publisher", "auditor"],
}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def site(tmp_path_factory) -> Iterator[Running]:
    """A running service with the shipped rulesets, sixty readers of a Telegram channel, and four people."""
    with running(tmp_path_factory.mktemp("site"), rulesets=ROOT / "rulesets", tally_seconds=1) as service:
        service.address = f"http://{HOST}:{service.port}"
        for name, roles in PEOPLE.items():
            body = {"name": name, "password": PASSWORD, "roles": roles}
            status, reply = service.call("POST", "/v1/users", body)
            assert status == 201, reply
        status, reply = service.call("POST", "/v1/rulesets/telegram-lifecycle/evaluate-batch", {"items": readers()})
        assert status == 200, reply
        yield service


def readers() -> list[dict[str, object]]:
    """Readers who joined on different days, read differently much, and fell silent or did not."""
    now = datetime.now(UTC).replace(microsecond=0)
    return [reader(place, now - timedelta(days=1 + place * 2)) for place in range(60)]


def reader(place: int, joined: datetime) -> dict[str, object]:
    """One reader, decided soon after joining; what time brings is decided by the service itself."""
    clicked = joined + timedelta(days=place % 9)
    facts = {
        "joined_at": instant(joined),
        "articles_read": place % 7,
        "last_click_at": instant(clicked) if place % 3 else None,
        "messages_30d": place,
        "active_days_30d": place % 31,
    }
    return {"profile": {"id": f"reader-{place}", "attributes": facts}, "at": instant(joined + timedelta(hours=1))}


def instant(at: datetime) -> str:
    """An instant as the API writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all; without one these tests can't run, and where `CI` is set that is a failure."""
    if CHROMIUM is None:
        message = "no Chromium: install it with scripts/browser"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def sit_down(site: Running, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a browser for somebody (by name; nobody is a stranger); whatever it loads from elsewhere, and every error
    that a page makes, fails the test.
    """
    contexts, wrong = [], []

    def sit(name: str | None = None, *, language: str = "en", theme: str = "light", width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=site.address,
            locale={"en": "en-US", "zh": "zh-CN"}[language],
            color_scheme=theme,
            viewport={"width": width, "height": 900},
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda sent: sent.url.startswith((site.address, "data:")) or wrong.append(sent.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: said.type == "error" and "the server responded" not in said.text and wrong.append(said.text),
        )
        if name is not None:
            page.goto("/console/sign-in")
            page.fill("#f-name", name)
            page.fill("#f-password", PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/console/")
        return page

    yield sit
    for context in contexts:
        context.close()
    assert wrong == []


def save_picture(page: Page, folder: Path, name: str) -> None:
    """A picture of the whole page."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)


__all__ = ["KEY", "PASSWORD", "save_picture"]
