"""Starts the service with its data in .demo/ and posts one profile at three instants; prints what was decided and why,
and how to sign in at the console.

Standard library only, so that `Client` and `tell_the_story` also show how to call the API from anywhere.
"""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

DATA = Path(".demo").absolute()
RULESET = "telegram-lifecycle"
PEOPLE = {"ada": ["editor"], "bob": ["publisher", "auditor"]}
"""Who the demo lets sign in: one who writes changes, and one who approves and looks back."""
PATIENCE_S = 60


class Client:
    """The API at `url`, called with one key."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, path: str, body: object = None) -> dict:
        """GET `path`, or POST `body` to it, and read the JSON that comes back; an error's own words end the demo."""
        posted = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=posted, headers=self.headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            sys.exit(f"{path}: {error.code} {error.read().decode()}")

    def is_answered(self) -> bool:
        """Whether a service that takes this key answers."""
        request = urllib.request.Request(f"{self.url}/v1/rulesets", headers=self.headers)
        try:
            with urllib.request.urlopen(request, timeout=5):
                return True
        except OSError:
            return False


def tell_the_story(client: Client) -> None:
    """Post a reader who joins, reads three articles and falls silent; then read the log back."""
    joined = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=18)
    profile = f"reader-{secrets.token_hex(3)}"
    print(f"The profile {profile} under the ruleset {RULESET}\n")
    reading = {"joined_at": instant(joined), "articles_read": 3, "last_click_at": instant(joined + timedelta(days=3))}
    chapters = [
        (joined, "joins the channel", {"joined_at": instant(joined)}),
        (joined + timedelta(days=3), "has read three articles", reading),
        (joined + timedelta(days=18), "was silent for 15 days; nothing new is posted", None),
    ]
    for at, what, attributes in chapters:
        posted = {"id": profile} if attributes is None else {"id": profile, "attributes": attributes}
        reply = client.call(f"/v1/rulesets/{RULESET}/evaluate", {"profile": posted, "at": instant(at)})
        print(f"{instant(at)}  {what}\n{'':22}stage: {reply['stage']}; next change: {reply['next_change']['at']}")

    print("\nWhat the audit log says of the stage")
    found = client.call(f"/v1/decisions?profile={profile}&ruleset={RULESET}&kind=stage")
    for one in reversed(found["items"]):
        actions = client.call(f"/v1/evaluations/{one['evaluation_id']}")["outcome"]["actions"]
        print(f"{one['at']}  {one['from'] or 'unseen'} -> {one['to']}")
        print(
            f"{'':22}cause: {one['cause']}; rule: {one['rule']}; action: {', '.join(each['key'] for each in actions)}"
        )


def invite(client: Client) -> dict[str, str]:
    """Make the demo's people, unless an earlier demo did; their passwords by name."""
    file = DATA / "people.json"
    if file.exists():
        known: dict[str, str] = json.loads(file.read_text())
        return known
    passwords = {name: secrets.token_urlsafe(9) for name in PEOPLE}
    file.touch(mode=0o600)
    file.write_text(json.dumps(passwords))
    for name, roles in PEOPLE.items():
        client.call("/v1/users", {"name": name, "password": passwords[name], "roles": roles})
    return passwords


def instant(at: datetime) -> str:
    """The RFC 3339 text of an instant, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def start() -> tuple[Client, int]:
    """The service that an earlier demo left, or a new one in the background, ready; its client and process id."""
    DATA.mkdir(exist_ok=True)
    key = admin_key()
    left = DATA / "running.json"
    if left.exists():
        running = json.loads(left.read_text())
        client = Client(running["url"], key)
        if client.is_answered():
            return client, running["pid"]
    bind = f"127.0.0.1:{free_port()}"
    client = Client(f"http://{bind}", key)
    process = launch(bind, key)
    wait_until_ready(client, process)
    left.write_text(json.dumps({"url": client.url, "pid": process.pid}))
    return client, process.pid


def launch(bind: str, key: str) -> subprocess.Popen:
    """Start the service (`tagwright serve`) so that it outlives this program; what it says goes to .demo/log."""
    settings = {
        "TAGWRIGHT_ADMIN_KEY": key,
        "TAGWRIGHT_BIND": bind,
        "TAGWRIGHT_DATABASE_URL": f"sqlite:///{DATA}/tagwright.db",
    }
    with (DATA / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "service", "serve"],
            cwd=Path(__file__).parents[1],
            env=os.environ | settings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def free_port() -> int:
    """8080, or where that is taken any other."""
    for port in (8080, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    sys.exit("no free port")


def admin_key() -> str:
    """The demo's own admin key, made once and kept beside the data."""
    file = DATA / "admin-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(f"tw_demo_{secrets.token_urlsafe(32)}")
    return file.read_text()


def wait_until_ready(client: Client, process: subprocess.Popen) -> None:
    """Wait until the service answers; show its log if it ends or takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while not client.is_answered():
        if process.poll() is not None or time.monotonic() > deadline:
            process.terminate()
            sys.exit(f"the service did not start; its log:\n{(DATA / 'log').read_text()}")
        time.sleep(0.2)


def main() -> None:
    """Start, tell the story, and say how to go on."""
    client, pid = start()
    tell_the_story(client)
    print(f"\nSign in at {client.url}/console/ as")
    for name, password in invite(client).items():
        print(f"  {name}  {password}  ({', '.join(PEOPLE[name])})")
    print(f"""
The service runs at {client.url}; try its calls at {client.url}/docs with the key in {DATA}/admin-key.
Its data, these passwords and its log are in {DATA}/. Stop it with: kill {pid}""")


if __name__ == "__main__":
    main()
