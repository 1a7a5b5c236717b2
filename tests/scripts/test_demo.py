"""The README's first command and its sample request do what the README says."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What the demo printed, with the URL of the service it left and its key; the service is stopped afterwards."""
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, ROOT / "scripts" / "demo.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    running = json.loads((folder / ".demo" / "running.json").read_text())
    yield done.stdout, running["url"], (folder / ".demo" / "admin-key").read_text()
    os.kill(running["pid"], signal.SIGTERM)


def test_the_demo_tells_the_story(demo):
    """The reader is new, then active because of what was read, then at risk because time passed."""
    shown, _, _ = demo
    stages = re.findall(r"stage: (\w+)", shown)
    assert stages == ["new", "active", "at_risk"]
    ways = re.findall(r"(\S+) -> (\S+)\s+cause: (\w+); rule: (\S+); action: (\S+)", shown)
    assert ways == [
        ("unseen", "new", "first", "lifecycle/initial", "welcome"),
        ("new", "active", "data", "lifecycle/transitions/first_reads", "daily_value"),
        ("active", "at_risk", "time", "lifecycle/transitions/goes_quiet", "wake_up"),
    ]


def test_a_newcomer_can_sign_in(demo):
    """What the demo prints lets somebody sign in at the console at once."""
    shown, url, _ = demo
    door = re.search(r"Sign in at (\S+) as", shown)[1]
    name, password, roles = re.search(r"\n  (ada)  (\S+)  \((.*?)\)", shown).groups()
    form = urllib.parse.urlencode({"name": name, "password": password}).encode()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(f"{url}/console/sign-in", form, timeout=10) as page:
        assert page.url == door
        assert name in page.read().decode()
    assert roles == "editor"


def test_the_readme_shows_a_real_reply(demo):
    """The README's request gives what the README shows of its reply."""
    _, url, key = demo
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    path, body = re.search(r"http://127\.0\.0\.1:8080(\S+).*?-d '(.*?)'", readme, re.DOTALL).groups()
    reply = json.loads(re.search(r"```json\n(.*?)```", readme, re.DOTALL)[1])
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url + path, data=body.encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert shortened(json.load(answer), reply) == reply


def shortened(found, shown):
    """What was found, without the members that are not shown."""
    if isinstance(found, dict) and isinstance(shown, dict):
        return {key: shortened(found[key], shown[key]) for key in shown if key in found}
    if isinstance(found, list) and isinstance(shown, list):
        return [shortened(*pair) for pair in zip(found, shown, strict=False)] + found[len(shown) :]
    return found
