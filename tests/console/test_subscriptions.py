"""Subscriptions in the console: made by admins, read by auditors, with what became of each delivery."""

import re
from dataclasses import replace

import pytest

from service.app import create_app
from service.config import Config
from service.operations.service import DeliveryRules
from tests.console.visitor import Visitor, add_user
from tests.outgoing.delivering import HOUR, change, courier_of, deliver
from tests.receiver import LOOPBACK, receiving

HERE = "/console/subscriptions"
SECRET = re.compile(r"<pre>(whsec_[^<]+)</pre>")


@pytest.fixture
def service(service):
    """The small service, which may deliver to loopback."""
    return replace(service, delivery=DeliveryRules(allowed=LOOPBACK, tries=1))


@pytest.fixture
def app(service, tmp_path):
    """Its app."""
    with (tmp_path / "requests.log").open("wb", buffering=0) as log:
        yield create_app(service, Config(), log)


@pytest.fixture
def root(service, app):
    """An admin."""
    add_user(service, "root", "admin")
    return Visitor(app, "root")


def made(root, url="https://crm.example/hooks", **more):
    """Make a subscription; its own page's address and its secret."""
    text = root.send(HERE, url=url, **more)
    address = re.search(rf"{HERE}/\w+", root.see(HERE))[0]
    return address, SECRET.search(text)[1]


def test_an_empty_list_says_what_it_is_for(root):
    """Before the first subscription the page says what one does."""
    assert "Nobody is sent changes" in root.see(HERE)


def test_the_secret_is_shown_once(root):
    """Who makes a subscription sees its secret on the page that follows, and on no other."""
    address, secret = made(root, description="To the CRM")

    assert secret not in root.see(address)
    assert "To the CRM" in root.page.text
    assert secret not in root.see(HERE)


def test_filters_are_told_in_words(root):
    """What was chosen stands on the page as people say it; without a choice every change is sent."""
    address, _ = made(root, rulesets="small", kinds="tag", outcomes=["assigned", "expired"], keys="regular, keen")
    text = root.see(address)

    for said in ("Rulesets: Small", "Kinds: tag", "Outcomes: assigned, expired", "regular, keen"):
        assert said in text
    root.send(HERE, url="https://other.example/hooks")
    assert "every change" in root.see(HERE)


def test_a_wrong_address_is_told_at_its_field(root):
    """A faulty form comes back as it was filled in."""
    text = root.send(HERE, url="ftp://nowhere", kinds="tier", description="kept")

    assert root.page.status_code == 422
    assert 'aria-invalid="true"' in text
    assert 'value="tier" checked' in text
    assert 'value="kept"' in text


def test_deliveries_are_listed_and_failed_ones_sent_again(service, root, clock):
    """What failed is seen with the answer it got; once the receiver is well, it is sent again."""
    status = [500]
    with receiving(lambda _headers, _body: status[0]) as receiver:
        address, _ = made(root, receiver.url)
        courier = courier_of(service)
        change(service, "ann", 1)
        deliver(courier, clock, steps=2, by=HOUR // 10)
        text = root.see(f"{address}?state=dead")
        assert "ann" in text
        assert "500" in text

        status[0] = 200
        assert "sent again" in root.send(address, do="retry")
        deliver(courier, clock, steps=2, by=HOUR // 10)
        courier.stop()

    assert "ann" in root.see(f"{address}?state=delivered")
    assert "Nothing was sent yet" in root.see(f"{address}?state=dead")


def test_sending_again_begins_at_an_instant(service, root, clock):
    """From an instant on everything is sent once more; what is no instant is told at its field."""
    address, _ = made(root)

    assert "sent again from there" in root.send(address, do="replay", **{"from": "2026-01-01T00:00:00Z"})
    assert 'aria-invalid="true"' in root.send(address, do="replay", **{"from": "soon"})


def test_a_subscription_is_paused_renewed_and_ended(root):
    """Pausing, going on, a new secret and the end each say what they did."""
    address, secret = made(root)

    assert "is paused" in root.send(address, do="pause")
    assert "goes on" in root.send(address, do="resume")
    renewed = SECRET.search(root.send(address, do="rotate"))[1]
    assert renewed != secret
    assert "was ended" in root.send(address, do="end")
    assert "Nobody is sent changes" in root.see(HERE)
    root.see(address)
    assert root.page.status_code == 404


def test_auditors_read_and_change_nothing(service, app, root):
    """An auditor finds the list and the deliveries, but no form; a form sent all the same is refused."""
    address, _ = made(root)
    add_user(service, "eve", "auditor")
    eve = Visitor(app, "eve")

    assert "Only admins" in eve.see(HERE)
    assert 'value="rotate"' not in eve.see(address)
    assert "Not allowed" in eve.send(address, do="rotate")
    assert "Not allowed" in eve.send(HERE, url="https://other.example/hooks")
