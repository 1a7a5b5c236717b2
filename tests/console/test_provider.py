"""Signing in by an identity provider: who gets in, and every known way to get in without its word."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from service.app import create_app
from service.bootstrap import COMMAND_LINE
from service.config import Config, ConfigError, read_config
from service.operations.people import create_user
from service.outgoing.provider import AGAIN_MILLISECONDS, is_safe_url
from tests.console.provider import CLIENT, SECRET, SigningKey, base64url, providing
from tests.console.test_signing import audit_events
from tests.console.visitor import Visitor, add_user

BEGIN = "/console/sign-in/provider"


@pytest.fixture
def idp(clock):
    """A provider whose clock is the service's."""
    with providing(clock) as provider:
        yield provider


@pytest.fixture
def app(service, idp, tmp_path):
    """A service that people may sign in to by it; it knows Ada by what the provider calls her."""
    create_user(service, {"name": "ada", "subject": "sub-ada", "roles": ["admin"]}, COMMAND_LINE)
    config = Config(oidc_issuer=idp.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_name="Example ID")
    with (tmp_path / "requests.log").open("wb", buffering=0) as log:
        yield create_app(service, config, log)


def begin(visitor, then=""):
    """Where the browser is sent to sign in."""
    return visitor.http.get(BEGIN, query_string={"then": then} if then else None).headers["Location"]


def come(visitor, idp, subject="sub-ada", then=""):
    """Sign in at the provider and come back; what is seen then."""
    return visitor.see(idp.let_in(begin(visitor, then), subject))


def test_whom_the_provider_vouches_for_gets_in(app, idp):
    """The button leads to the provider, and from there to the page that was wanted, signed in."""
    visitor = Visitor(app)
    assert "Sign in with Example ID" in visitor.see("/console/sign-in?then=/console/people")

    text = come(visitor, idp, then="/console/people")

    assert visitor.page.request.path == "/console/people"
    assert "ada" in text
    assert visitor.http.get_cookie("tw_handshake", path="/console") is None


def test_elliptic_keys_are_as_good(app, idp):
    """A provider may sign by ES256, too."""
    idp.key = SigningKey("curve", "ES256")
    idp.published, idp.sign = [idp.key], idp.key.sign

    assert "Overview" in come(Visitor(app), idp)


def test_what_is_sent_to_the_provider_holds_no_secret(app, idp):
    """The address has the hash of what only this browser has, and asks for nothing but who it is."""
    visitor = Visitor(app)
    query = parse_qs(urlsplit(begin(visitor)).query)

    assert query["scope"] == ["openid"]
    assert query["audience"] == ["people"]
    assert query["redirect_uri"] == ["http://localhost/console/sign-in/back"]
    kept = visitor.http.get_cookie("tw_handshake", path="/console")
    assert kept.http_only
    assert kept.value.split(".")[2] not in str(query)
    assert SECRET not in str(query)


def test_a_stranger_to_us_stays_outside(service, app, idp):
    """Whom the provider knows and we don't is told so; the log notes it."""
    text = come(Visitor(app), idp, "sub-mallory")

    assert "nobody here has your identity" in text
    assert [row["action"] for row in audit_events(service)][-1] == "session.refused"


def test_a_disabled_user_stays_outside(service, app, idp):
    """The provider's word does not outweigh ours."""
    add_user(service, "root", "admin")
    Visitor(app, "root").send("/console/people", do="disable", name="ada")

    assert "nobody here has your identity" in come(Visitor(app), idp)


TRAPS = {
    "another issuer": ({"iss": "https://elsewhere.example"}, "another issuer"),
    "another audience": ({"aud": "other"}, "for another"),
    "also another audience": ({"aud": [CLIENT, "other"]}, "for another"),
    "another party": ({"aud": [CLIENT, "other"], "azp": "other"}, "for another"),
    "no audience": ({"aud": None}, "for another"),
    "another nonce": ({"nonce": "guessed"}, "this attempt"),
    "no nonce": ({"nonce": None}, "this attempt"),
    "expired": ({"exp": 1}, "expired"),
    "no end": ({"exp": None}, "expired"),
    "an end that is no number": ({"exp": True}, "expired"),
    "not made yet": ({"iat": 9_999_999_999}, "clocks"),
    "no subject": ({"sub": ""}, "subject"),
    "a subject that is no text": ({"sub": ["sub-ada"]}, "subject"),
}


@pytest.mark.parametrize(("claims", "said"), TRAPS.values(), ids=TRAPS)
def test_a_token_that_says_something_else_is_refused(service, app, idp, claims, said):
    """However well it is signed, a token must be of this provider, for us, for this attempt, and fresh."""
    idp.claims = claims

    text = come(Visitor(app), idp)

    assert "You were not signed in" in text
    assert said in text
    assert [row["action"] for row in audit_events(service)][-1] == "session.refused"


HEADERS = {
    "no signature": ({"alg": "none"}, lambda _: b""),
    "a shared secret": ({"alg": "HS256"}, None),
    "another algorithm": ({"alg": "ES256"}, None),
    "an algorithm that is no text": ({"alg": ["RS256"]}, None),
    "something critical": ({"crit": ["exp"]}, None),
    "an unknown key": ({"kid": "unknown"}, None),
    "a signature of another": ({}, SigningKey("thief").sign),
    "an empty signature": ({}, lambda _: b""),
}


@pytest.mark.parametrize(("header", "sign"), HEADERS.values(), ids=HEADERS)
def test_a_token_that_is_not_signed_by_the_provider_is_refused(app, idp, header, sign):
    """No algorithm but ours, no key but the provider's, no signature but a right one."""
    idp.header, idp.sign = header, sign or (idp.sign_by_public_key if header.get("alg") == "HS256" else idp.sign)

    assert "You were not signed in" in come(Visitor(app), idp)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "....", f"{base64url(b'[]')}.{base64url(b'{}')}.x", None, 5])
def test_a_token_that_is_none_is_refused(app, idp, token):
    """Whatever comes in the place of a token does no harm."""
    idp.token = lambda _: token

    assert "You were not signed in" in come(Visitor(app), idp)


def test_an_attempt_that_was_begun_elsewhere_is_refused(app, idp):
    """Nobody can be signed in as somebody else by being led to an address with a code of theirs."""
    mallory, victim = Visitor(app), Visitor(app)
    address = idp.let_in(begin(mallory), "sub-ada")

    assert "was not begun here" in victim.see(address)
    begin(victim)
    assert "was not begun here" in victim.see(address)


@pytest.mark.parametrize("state", ["", "x", "ü"])
def test_a_wrong_state_is_refused(app, idp, state):
    """A state that is not the attempt's ends it, also for the right one."""
    visitor = Visitor(app)
    address = idp.let_in(begin(visitor), "sub-ada")

    assert "was not begun here" in visitor.see(re.sub("state=.*", f"state={state}", address))
    assert "was not begun here" in visitor.see(address)


def test_coming_back_counts_once(app, idp):
    """The same address opened again signs nobody in."""
    visitor = Visitor(app)
    address = idp.let_in(begin(visitor), "sub-ada")
    assert "Overview" in visitor.see(address)
    visitor.send("/console/sign-out")

    assert "was not begun here" in visitor.see(address)
    assert "/token" in idp.asked
    assert idp.asked.count("/token") == 1


def test_a_code_of_another_attempt_is_worth_nothing(app, idp):
    """A stolen code does not fit the thief's own attempt: the verifier is another."""
    victim, thief = Visitor(app), Visitor(app)
    stolen = re.search("code=([^&]+)", idp.let_in(begin(victim), "sub-ada"))[1]
    address = re.sub("code=[^&]+", f"code={stolen}", idp.let_in(begin(thief), "sub-mallory"))

    assert "gave no token for the code" in thief.see(address)


def test_who_was_turned_away_there_is_told(app, idp):
    """Without a code, as after a refusal, one comes back to the form."""
    visitor = Visitor(app)
    state = parse_qs(urlsplit(begin(visitor)).query)["state"][0]

    assert "did not let you in" in visitor.see(f"/console/sign-in/back?error=access_denied&state={state}")


def test_new_keys_are_learned(app, idp, clock):
    """When the provider changes its keys, the next token by a new one makes us look; a crowd of wrong ones does not."""
    assert "Overview" in come(Visitor(app), idp)
    idp.key = SigningKey("second")
    idp.published, idp.sign = [idp.key], idp.key.sign

    assert "You were not signed in" in come(Visitor(app), idp)
    assert idp.asked.count("/keys") == 1
    clock.at += AGAIN_MILLISECONDS
    assert "Overview" in come(Visitor(app), idp)
    assert idp.asked.count("/keys") == 2
    assert idp.asked.count("/.well-known/openid-configuration") == 1


WRONG = {
    "another name": {"issuer": "https://elsewhere.example"},
    "an address without https": {"token_endpoint": "http://idp.example/token"},
    "an address that is none": {"jwks_uri": 5},
    "no address": {"authorization_endpoint": None},
}


@pytest.mark.parametrize("metadata", WRONG.values(), ids=WRONG)
def test_a_provider_that_is_set_up_wrong_is_told(app, idp, metadata):
    """What the provider says of itself must fit; if not, the form is there all the same."""
    idp.metadata = metadata
    text = Visitor(app).see(BEGIN)

    assert "does not work now" in text
    assert 'name="password"' in text


def test_a_provider_that_is_away_is_told_and_left_alone(service, tmp_path, clock):
    """While nothing answers, people are told to use a password; it is asked again after some seconds."""
    with providing(clock) as gone:
        config = Config(oidc_issuer=gone.issuer, oidc_client_id=CLIENT)
    with (tmp_path / "requests.log").open("wb", buffering=0) as log:
        app = create_app(service, config, log)
        assert "can't be reached" in "".join(Visitor(app).see(BEGIN).replace("&#39;", "'"))


@pytest.mark.parametrize("methods", [None, ["client_secret_post"], ["client_secret_basic"]])
def test_the_secret_is_shown_as_the_provider_wants(app, idp, methods):
    """By a header, or in the form if the provider knows nothing else."""
    idp.metadata = {"token_endpoint_auth_methods_supported": methods}

    assert "Overview" in come(Visitor(app), idp)


def test_a_service_without_a_secret_is_known_by_its_name(service, idp, tmp_path):
    """Where the provider gave no secret, PKCE alone shows that the code is ours."""
    create_user(service, {"name": "ada", "subject": "sub-ada", "roles": ["admin"]}, COMMAND_LINE)
    with (tmp_path / "requests.log").open("wb", buffering=0) as log:
        app = create_app(service, Config(oidc_issuer=idp.issuer, oidc_client_id=CLIENT), log)
        assert "Overview" in come(Visitor(app), idp)


def test_people_are_added_by_their_identity(service, app):
    """An admin names somebody's identity instead of a password."""
    add_user(service, "root", "admin")
    root = Visitor(app, "root")
    assert "Identity at the provider" in root.see("/console/people")

    root.send("/console/people", do="add", name="bob", subject="sub-bob", roles="editor", password="")

    assert "bob" in root.see("/console/people")


def test_without_a_provider_there_is_no_button(service, tmp_path):
    """Where none is set up, the pages for it are not there."""
    with (tmp_path / "requests.log").open("wb", buffering=0) as log:
        visitor = Visitor(create_app(service, Config(), log))
        assert BEGIN not in visitor.see("/console/sign-in")
        assert visitor.http.get(BEGIN).status_code == 404
        assert visitor.http.get("/console/sign-in/back").status_code == 404


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://idp.example/x", True),
        ("http://localhost:9/x", True),
        ("http://127.0.0.1/x", True),
        ("http://[::1]/x", True),
        ("http://idp.example/x", False),
        ("http://10.0.0.1/x", False),
        ("https://user:password@idp.example", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_secrets_go_only_where_nobody_listens(url, is_safe):
    """Addresses of the provider have https, or are on this machine."""
    assert is_safe_url(url) == is_safe


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ISSUER": "https://idp.example"}, "expected both or neither"),
        ({"CLIENT_ID": "x"}, "expected both or neither"),
        ({"ISSUER": "http://idp.example", "CLIENT_ID": "x"}, "an address with https"),
        ({"ISSUER": "https://idp.example?x=1", "CLIENT_ID": "x"}, "an address with https"),
        ({"NAME": " "}, "printable characters"),
        ({"CLIENT_SECRET": "hidden\n"}, "printable characters"),
    ],
)
def test_settings_that_can_not_work_are_told(settings, said):
    """Half a provider, one without https, and what is no text are refused at the start; a secret is never shown."""
    with pytest.raises(ConfigError, match=said) as refused:
        read_config({f"TAGWRIGHT_OIDC_{name}": text for name, text in settings.items()})

    assert "hidden" not in str(refused.value)
    assert SECRET not in repr(Config(oidc_client_secret=SECRET))
