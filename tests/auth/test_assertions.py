"""JWTs of providers: at login-token, at google-login, and as bearer tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import warnings
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from pocketapi.credentials import keys, remote
from pocketapi.models import Identity, Session
from tests.api.answers import Answer, Api
from tests.auth.conftest import WithProviders
from tests.auth.provider import Provider, jwk, pem, private
from tests.conftest import UseConfig

ISSUER, CLIENT = "https://issuer.example", "our-client"
HMAC_SECRET = "an-hmac-secret-that-two-parties-share-" * 2
NOW = int(time.time())
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT,
    "sub": "s-1",
    "email": "eve@example.com",
    "email_verified": True,
    "name": "Eve",
    "exp": NOW + 3600,
}


def signed(claims: Any = None, key: Any = None, algorithm: str = "RS256", drop: str = "", **headers: Any) -> str:
    """A token of the provider."""
    told = {**CLAIMS, **(claims or {})}
    told.pop(drop, None)
    return jwt.encode(told, key or private("rsa"), algorithm=algorithm, headers={"kid": "k1", **headers})


def section(provider: Provider, **more: Any) -> dict[str, Any]:
    return {"name": "corp", "issuer": ISSUER, "clientId": CLIENT, "jwksUrl": f"{provider.url}/jwks", **more}


def log_in(token: str | None, table: str = "users") -> Answer:
    return Api()(f"POST {table}/auth/login-token", by=token)


@pytest.fixture
def corp(with_providers: WithProviders, provider: Provider) -> Api:
    with_providers(section(provider))
    return Api()


def test_a_token_opens_a_session(corp: Api) -> None:
    found = log_in(signed()).expect(200, {"record": {"email": "eve@example.com", "email_verified": True, "name": "Eve"}})
    assert found.keys() == {"token", "refresh_token", "record"}
    corp("GET users/select", by=found["token"]).expect(200, [{"id": found["record"]["id"]}])
    assert Identity.objects.get().subject == "s-1"
    again = corp("POST users/auth/login-token", headers={"X-Authorization": f"Bearer {signed()}"}).expect(200)
    assert again["record"]["id"] == found["record"]["id"]
    assert Session.objects.count() == 2


def forged(header: Any, claims: Any, sign: Callable[[bytes], bytes]) -> str:
    """A token of which the parts are what they are."""
    parts = [
        base64.urlsafe_b64encode(part if isinstance(part, bytes) else json.dumps(part).encode()).rstrip(b"=")
        for part in (header, claims)
    ]
    text = b".".join(parts)
    return (text + b"." + base64.urlsafe_b64encode(sign(text)).rstrip(b"=")).decode()


def with_hmac(key: str) -> str:
    """Signed with a public text as though it were a secret."""
    header = {"alg": "HS256", "typ": "JWT", "kid": "k1"}
    return forged(header, CLAIMS, lambda text: hmac.new(key.encode(), text, hashlib.sha256).digest())


# what is wrong, the token
ATTACKS: list[tuple[str, Callable[[], str]]] = [
    ("another key", lambda: signed(key=private("rsa", 9))),
    ("a key of ours, under another id", lambda: signed(kid="k9")),
    ("no algorithm", lambda: forged({"alg": "none", "kid": "k1"}, CLAIMS, lambda _: b"")),
    ("no algorithm, in capitals", lambda: forged({"alg": "NONE", "kid": "k1"}, CLAIMS, lambda _: b"")),
    ("the public key as a secret", lambda: with_hmac(pem("rsa"))),
    ("the public key as a secret, trimmed", lambda: with_hmac(pem("rsa").strip())),
    ("the JWK as a secret", lambda: with_hmac(json.dumps(jwk("rsa", kid="k1")))),
    ("nothing as a secret", lambda: with_hmac("")),
    ("an algorithm of another type of key", lambda: signed(key=private("ec"), algorithm="ES256")),
    ("a key that it brings along", lambda: signed(key=private("rsa", 9), jwk=jwk("rsa", 9))),
    (
        "a place for keys that it brings along",
        lambda: signed(key=private("rsa", 9), jku="https://evil.example/jwks", x5u="https://evil.example"),
    ),
    ("an id that is no text", lambda: forged({"alg": "RS256", "kid": {"a": 1}}, CLAIMS, lambda _: b"x")),
    ("a path as id", lambda: signed(key="x" * 32, algorithm="HS256", kid="../../../dev/null")),
    ("an extension that must be understood", lambda: signed(crit=["exp2"], exp2=1)),
    ("another audience", lambda: signed({"aud": "others"})),
    ("other audiences", lambda: signed({"aud": ["a", "b"]})),
    ("no audience", lambda: signed(drop="aud")),
    ("an audience that is no text", lambda: signed({"aud": [5]})),
    ("another issuer", lambda: signed({"iss": "https://evil.example"})),
    ("another issuer, nearly", lambda: signed({"iss": ISSUER + "/"})),
    ("an issuer that is no text", lambda: forged({"alg": "RS256", "kid": "k1"}, {**CLAIMS, "iss": [ISSUER]}, lambda _: b"x")),
    ("no issuer", lambda: signed(drop="iss")),
    ("no end", lambda: signed(drop="exp")),
    ("an end that is no number", lambda: signed({"exp": "soon"})),
    (
        "an endless end",
        lambda: forged({"alg": "RS256", "kid": "k1"}, b'{"exp": 1e999, "iss": "%s"}' % ISSUER.encode(), lambda _: b"x"),
    ),
    ("a beginning that is to come", lambda: signed({"nbf": NOW + 600})),
    ("nobody", lambda: signed(drop="sub")),
    ("an empty nobody", lambda: signed({"sub": ""})),
    ("a text that no database takes", lambda: signed({"name": "a\x00b"})),
    ("a number that no database takes", lambda: signed({"n": 2**70})),
    ("a signature that is cut off", lambda: signed().rsplit(".", 1)[0] + "."),
    (
        "another payload",
        lambda: ".".join((signed().split(".")[0], signed({"email": "ann@example.com"}).split(".")[1], signed().split(".")[2])),
    ),
    ("nonsense", lambda: "nonsense"),
    ("nonsense with dots", lambda: "a.b.c"),
    ("an array", lambda: forged([], CLAIMS, lambda _: b"x")),
    ("an array of claims", lambda: forged({"alg": "RS256", "kid": "k1"}, [], lambda _: b"x")),
    ("very deep claims", lambda: forged({"alg": "RS256", "kid": "k1"}, b"[" * 5000, lambda _: b"x")),
    ("a very long token", lambda: signed({"more": "x" * 20_000})),
]


@pytest.mark.parametrize(("what", "make"), ATTACKS, ids=[what for what, _ in ATTACKS])
def test_what_proves_nothing(corp: Api, what: str, make: Callable[[], str]) -> None:
    found = log_in(make())
    # A token that is good and says of nobody who he is makes no sense, rather than no proof.
    assert found.status == (400 if what.endswith("nobody") else 401), found.body
    assert not Session.objects.exists()
    assert not Identity.objects.exists()


def test_a_token_that_is_over_says_so(corp: Api) -> None:
    log_in(signed({"exp": NOW - 1})).expect(401, {"message": "Token expired"})
    log_in(signed({"exp": NOW - 1}, key=private("rsa", 9))).expect(401, {"message": "Invalid token"})
    log_in(None).expect(401, {"message": "Authentication required"})
    log_in("").expect(401, {"message": "Invalid token"})


def test_a_clock_that_goes_ahead_is_no_forgery(corp: Api) -> None:
    log_in(signed({"iat": NOW + 30, "nbf": NOW - 30})).expect(200)


def test_tokens_of_our_own_are_none_of_a_provider(corp: Api) -> None:
    corp.user("ann")
    log_in(corp.tokens["ann"]).expect(401)
    corp("POST posts/auth/login-token", by=signed()).expect(404)
    corp("GET users/auth/login-token", by=signed()).expect(405)


def test_a_provider_s_token_is_no_bearer_token_at_first(corp: Api) -> None:
    for path in ("GET items/select", "GET users/auth/methods", "GET /health"):
        corp(path, by=signed()).expect(401, {"message": "Invalid token"})


# Keys

# the keys of the provider, a token that they verify, one that they do not
KEYS: list[tuple[dict[str, Any], Callable[[], str], Callable[[], str]]] = [
    ({"secret": HMAC_SECRET}, lambda: signed(key=HMAC_SECRET, algorithm="HS512"), signed),
    (
        {"secret": HMAC_SECRET, "algorithm": "HS256"},
        lambda: signed(key=HMAC_SECRET, algorithm="HS256"),
        lambda: signed(key=HMAC_SECRET, algorithm="HS384"),
    ),
    ({"secret": pem("rsa")}, lambda: signed(algorithm="PS256"), lambda: with_hmac(pem("rsa"))),
    ({"secret": pem("rsa").replace("\n", "\\n")}, signed, lambda: signed(key=private("rsa", 9))),
    (
        {"secret": pem("rsa"), "algorithm": ["RS512", "RS256"]},
        lambda: signed(algorithm="RS512"),
        lambda: signed(algorithm="PS256"),
    ),
    ({"secret": pem("ec")}, lambda: signed(key=private("ec"), algorithm="ES256"), signed),
    (
        {"secret": pem("ed")},
        lambda: signed(key=private("ed"), algorithm="EdDSA"),
        lambda: signed(key=private("ec"), algorithm="ES256"),
    ),
    ({"secret": jwk("rsa", alg="RS384")}, lambda: signed(algorithm="RS384"), signed),
    ({"secret": json.dumps(jwk("ec"))}, lambda: signed(key=private("ec"), algorithm="ES256"), signed),
    (
        {"secret": {"kty": "oct", "k": base64.urlsafe_b64encode(HMAC_SECRET.encode()).decode()}},
        lambda: signed(key=HMAC_SECRET, algorithm="HS256"),
        signed,
    ),
    (
        {"secret": {"keys": [jwk("rsa", kid="k1"), jwk("ed", kid="k2")]}},
        lambda: signed(key=private("ed"), algorithm="EdDSA", kid="k2"),
        lambda: signed(kid="k2"),
    ),
    (
        {"clientId": ["another", CLIENT], "secret": pem("rsa")},
        lambda: signed({"aud": ["x", CLIENT]}),
        lambda: signed({"aud": "x"}),
    ),
    ({"issuer": ["https://b", ISSUER], "secret": pem("rsa")}, signed, lambda: signed({"iss": "https://c"})),
]


@pytest.mark.parametrize(("more", "good", "bad"), KEYS, ids=range(len(KEYS)))
def test_keys_that_stand_in_the_config(
    with_providers: WithProviders, more: Any, good: Callable[[], str], bad: Callable[[], str]
) -> None:
    with_providers({"name": "corp", "issuer": ISSUER, "clientId": CLIENT, **more})
    log_in(bad()).expect(401)
    log_in(good()).expect(200)


def test_providers_without_issuer_and_without_audience(with_providers: WithProviders) -> None:
    with_providers({"name": "first", "secret": "x" * 40}, {"name": "second", "secret": HMAC_SECRET})
    log_in(signed({"iss": "anybody", "aud": "anything"}, key=HMAC_SECRET, algorithm="HS256")).expect(200)
    assert Identity.objects.get().provider == "second"


def test_who_names_an_issuer_answers_for_it(with_providers: WithProviders) -> None:
    """A provider that names none is not asked about the tokens of one that is known."""
    with_providers({"name": "open", "secret": HMAC_SECRET}, {"name": "corp", "issuer": ISSUER, "secret": pem("rsa")})
    log_in(signed(key=HMAC_SECRET, algorithm="HS256")).expect(401)
    log_in(signed({"iss": "x"}, key=HMAC_SECRET, algorithm="HS256")).expect(200)


def test_a_set_without_ids_serves_where_one_key_fits(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(section(provider))
    provider.keys = {
        "keys": [
            jwk("rsa"),
            jwk("ec"),
            jwk("rsa", 3, use="enc"),
            {"kty": "RSA"},
            5,
            {"kty": "odd"},
            {"kty": "oct", "k": "AAAA", "kid": "k1"},
            jwk("weak"),
            jwk("ed"),
        ]
    }
    log_in(jwt.encode(CLAIMS, private("rsa"), algorithm="RS256")).expect(200)
    with warnings.catch_warnings(action="ignore"):
        weak = jwt.encode(CLAIMS, private("weak"), algorithm="RS256")
    log_in(weak).expect(401)


def test_two_keys_without_ids_are_not_tried_out(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(section(provider))
    provider.keys = {"keys": [jwk("rsa"), jwk("rsa", 2)]}
    log_in(jwt.encode(CLAIMS, private("rsa"), algorithm="RS256")).expect(401)


def test_a_symmetric_key_that_all_may_read_verifies_nothing(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(section(provider))
    provider.keys = {"keys": [{"kty": "oct", "kid": "k1", "k": base64.urlsafe_b64encode(HMAC_SECRET.encode()).decode()}]}
    log_in(signed(key=HMAC_SECRET, algorithm="HS256")).expect(401)


def test_an_issuer_tells_by_itself_where_its_keys_are(with_providers: WithProviders, provider: Provider) -> None:
    with_providers({"name": "corp", "issuer": provider.url, "clientId": CLIENT})
    log_in(signed({"iss": provider.url})).expect(200)


@pytest.mark.parametrize(
    "told", ["{}", "[]", '{"jwks_uri": 5}', '{"jwks_uri": "http://evil.example/"}', '{"jwks_uri": "file:///etc/passwd"}']
)
def test_an_issuer_that_tells_of_no_keys(with_providers: WithProviders, provider: Provider, told: str) -> None:
    with_providers({"name": "corp", "issuer": provider.url, "clientId": CLIENT})
    provider.broken = {"/.well-known/openid-configuration": f"200 {told}"}
    log_in(signed({"iss": provider.url})).expect(502)


class Clock:
    """The monotonic clock, as a test sets it."""

    def __init__(self, patch: Any) -> None:
        self.now = 1000.0
        patch.setattr(keys.time, "monotonic", lambda: self.now)


def test_keys_are_fetched_once_in_ten_minutes(corp: Api, provider: Provider, monkeypatch: Any) -> None:
    clock = Clock(monkeypatch)
    for _ in range(3):
        log_in(signed()).expect(200)
    assert provider.times("/jwks") == 1
    clock.now += 599
    log_in(signed()).expect(200)
    assert provider.times("/jwks") == 1
    clock.now += 1
    provider.keys = {"keys": [jwk("rsa", 2, kid="k2")]}
    log_in(signed()).expect(401)
    assert provider.times("/jwks") == 2
    log_in(signed(key=private("rsa", 2), kid="k2")).expect(200)


def test_a_new_key_is_looked_for_once_a_minute_at_most(corp: Api, provider: Provider, monkeypatch: Any) -> None:
    clock = Clock(monkeypatch)
    log_in(signed()).expect(200)
    provider.keys["keys"].append(jwk("rsa", 2, kid="k2"))
    fresh = signed(key=private("rsa", 2), kid="k2")
    for _ in range(3):
        log_in(fresh).expect(401)
    clock.now += 60
    log_in(fresh).expect(200)
    log_in(signed()).expect(200)
    assert provider.times("/jwks") == 2
    clock.now += 60
    for number in range(5):
        log_in(signed(kid=f"x{number}")).expect(401)
    assert provider.times("/jwks") == 3


@pytest.mark.parametrize(
    "how", ["500 x", "html", "200 []", "200 {}", '200 {"keys": 5}', "huge", "slow", "away", "hang up", "deep"]
)
def test_a_server_of_keys_that_fails(corp: Api, provider: Provider, monkeypatch: Any, how: str) -> None:
    monkeypatch.setattr(remote, "PATIENCE", 0.8)
    clock = Clock(monkeypatch)
    provider.broken = {"/jwks": how}
    for _ in range(3):
        log_in(signed()).expect(502, {"code": 502, "data": {}})
    assert provider.times("/jwks") == 1
    provider.broken = {}
    log_in(signed()).expect(502)
    clock.now += 10
    log_in(signed()).expect(200)
    provider.broken = {"/jwks": how}
    clock.now += 60
    log_in(signed(kid="k9")).expect(401)
    log_in(signed()).expect(200)
    clock.now += 600
    log_in(signed()).expect(502)


# google-login


@pytest.fixture
def google(with_providers: WithProviders, provider: Provider) -> Api:
    with_providers({"name": "google", "clientId": CLIENT, "jwksUrl": f"{provider.url}/jwks"}, authCookie={"name": "session"})
    return Api()


def credential(**claims: Any) -> str:
    return signed({"iss": "https://accounts.google.com", **claims})


@pytest.mark.parametrize("name", ["token", "credential"])
@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_google_s_credential_opens_a_session_and_sets_the_cookie(google: Api, name: str, issuer: str) -> None:
    found = google("POST users/auth/google-login", {name: credential(iss=issuer)})
    body = found.expect(200, {"record": {"email": "eve@example.com"}})
    assert body.keys() == {"token", "refresh_token", "record"}
    assert google.client.cookies["session"].value == body["token"]


# the body, status, answer
GOOGLE: list[tuple[Any, int, Any]] = [
    ({}, 400, {"data": {"token": {"code": "required"}}}),
    ({"token": None}, 400, {"data": {"token": {"code": "required"}}}),
    ({"credential": ""}, 400, {"data": {"token": {"code": "required"}}}),
    ({"token": 5}, 401, {"message": "Invalid token"}),
    ({"token": "x"}, 401, {"message": "Invalid token"}),
    ({"token": "x", "more": 1}, 400, {"data": {"more": {"code": "unknown"}}}),
    ({"token": signed()}, 401, {"message": "Invalid token"}),
    ({"token": credential(aud="others")}, 401, {"message": "Invalid token"}),
    ({"token": credential(exp=NOW - 5)}, 401, {"message": "Token expired"}),
    ({"token": credential(email_verified=False)}, 400, {"message": "The identity provider states no verified email address."}),
    ([], 400, {}),
]


@pytest.mark.parametrize(("body", "status", "answer"), GOOGLE, ids=range(len(GOOGLE)))
def test_what_google_login_refuses(google: Api, body: Any, status: int, answer: Any) -> None:
    google("POST users/auth/google-login", body).expect(status, answer)
    assert "session" not in google.client.cookies


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("cookie", "field", "status"),
    [
        ("abc", "&g_csrf_token=abc&select_by=btn&state=x", 200),
        ("abc", "&g_csrf_token=abd", 403),
        ("abc", "", 403),
        ("", "&g_csrf_token=", 403),
        (None, "&g_csrf_token=abc", 403),
        (None, "", 403),
    ],
)
def test_google_s_form_proves_where_it_comes_from(google: Api, cookie: str | None, field: str, status: int) -> None:
    if cookie is not None:
        google.client.cookies["g_csrf_token"] = cookie
    google("POST users/auth/google-login", f"credential={credential()}{field}", content_type=FORM).expect(status)
    assert ("session" in google.client.cookies) == (status == 200)


def test_without_google_there_is_no_google_login(corp: Api) -> None:
    corp("POST users/auth/google-login", {"token": credential()}).expect(404, {"message": "There is no sign-in with google."})


def test_a_project_at_supabase(with_providers: WithProviders, provider: Provider) -> None:
    with_providers({"name": "supabase", "issuer": provider.url})
    told = {
        "iss": provider.url,
        "aud": "authenticated",
        "role": "authenticated",
        "user_metadata": {"full_name": "Eve S", "email_verified": True, "user_name": "eve"},
    }
    log_in(signed(told, drop="email_verified")).expect(200, {"record": {"username": "eve", "name": "Eve S"}})
    assert provider.times("/.well-known/jwks.json") == 1
    log_in(signed({**told, "aud": "anon"})).expect(401)
    log_in(signed({**told, "sub": "s-2", "user_metadata": {}}, drop="email_verified")).expect(400)


# Bearer tokens of others

DOOR = """
tables:
  - name: users
    autoSetUid: true
    fields: [baseFields, authFields]
    extensions:
      - {name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0}
      - {name: rules, createRule: 'true', listRule: auth.uid == id, updateRule: auth.uid == id}
  - name: doors
    fields: [{name: id, type: integer, primary: true, autoIncrement: true}, {name: what, type: text}, {name: who, type: text}]
    extensions:
      - name: rules
        createRule: 'true'
        listRule: >
          what == 'all' | (what == 'uid' & auth.uid == who) | (what == 'email' & auth.email == who) | (what == 'verified' & auth.verified == true)
          | (what == 'role' & auth.role == who) | (what == 'sid' & auth.sid == who) | (what == 'cid' & auth.cid == who)
          | (what == 'meta' & auth.meta.plan == who) | (what == 'jwt' & auth.jwt.sub == who)
"""
FULL = {"sub": "u-1", "role": "chief", "sid": "s", "cid": "users", "meta": {"plan": "gold"}, "admin": True}
DOORS = [
    ("all", "x"),
    ("uid", "u-1"),
    ("email", "eve@example.com"),
    ("verified", "x"),
    ("role", "chief"),
    ("sid", "s"),
    ("cid", "users"),
    ("meta", "gold"),
    ("jwt", "u-1"),
    ("none", "x"),
]
EVERY = [what for what, _ in DOORS]

# bearerMode, more claims, the doors that open
MODES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("partial", FULL, ["all", "email", "verified"]),
    ("partial", {**FULL, "email_verified": False}, ["all"]),
    ("full", FULL, EVERY[:-1]),
    ("full", {**FULL, "email_verified": False}, [what for what in EVERY[:-1] if what not in ("email", "verified")]),
    (
        "full",
        {"sub": "x", "id": "u-1", "roles": ["chief"], "session_id": "s", "user_metadata": {"plan": "gold"}},
        ["all", "uid", "email", "verified", "role", "sid", "meta"],
    ),
    ("full", {"sub": "u-1", "role": 5, "sid": 5, "cid": [1], "meta": 5}, ["all", "uid", "email", "verified", "jwt"]),
    ("full", {"sub": "u-1", "id": {"a": 1}}, ["all", "email", "verified", "jwt"]),
    ("full", {"sub": "u-1", "id": True, "roles": {"chief": 1}}, ["all", "email", "verified", "jwt"]),
    ("admin", FULL, EVERY),
    ("admin", {**FULL, "admin": "true"}, EVERY[:-1]),
]


@pytest.mark.parametrize(("mode", "claims", "opens"), MODES, ids=range(len(MODES)))
def test_what_a_provider_s_bearer_token_counts_for(
    use_config: UseConfig, provider: Provider, mode: str, claims: Any, opens: list[str]
) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode=mode))}]\n")
    api = Api()
    api("POST doors/insert", {"values": [{"what": what, "who": who} for what, who in DOORS]}).expect(200)
    found = api("GET doors/select?order=id", by=signed(claims)).expect(200)
    assert [row["what"] for row in found] == opens
    assert not Session.objects.exists()


def test_roles_where_ours_are(use_config: UseConfig, provider: Provider) -> None:
    """Without a clientId `aud` may hold roles, as in tokens of another server of this kind."""
    told = {key: value for key, value in section(provider, bearerMode="full").items() if key != "clientId"}
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(told)}]\n")
    api = Api()
    api("POST doors/insert", {"values": {"what": "role", "who": "chief"}}).expect(200)
    assert len(api("GET doors/select", by=signed({"aud": ["chief"]})).expect(200)) == 1
    assert api("GET doors/select", by=signed({"aud": ["thief"]})).expect(200) == []


def test_admins_of_a_provider(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='admin'))}]\n")
    api = Api()

    def by(**claims: Any) -> str:
        return signed({"admin": True, **claims})

    api("GET /settings", by=by()).expect(200)
    api("GET /settings", by=by(admin=1)).expect(403)
    api("GET /settings", by=signed()).expect(403)
    api("POST doors/insert", {"values": {"what": "x"}}, by=by(role="viewer")).expect(403)
    api("POST doors/insert", {"values": {"what": "x"}}, by=by(role="editor")).expect(200)
    api("GET /migrations", by=by(role="editor")).expect(403)
    api("GET /migrations", by=by(role="superadmin")).expect(200)


@pytest.mark.parametrize(
    ("what", "make"),
    [case for case in ATTACKS if not case[0].startswith("a number")],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_proves_nothing_of_a_bearer_either(
    use_config: UseConfig, provider: Provider, what: str, make: Callable[[], str]
) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='admin'))}]\n")
    Api()("GET doors/select", by=make()).expect(401)


def test_a_bearer_of_a_server_that_fails(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='full'))}]\n")
    provider.broken = {"/jwks": "500 x"}
    Api()("GET doors/select", by=signed()).expect(502)
    Api()("GET doors/select", by=signed({"exp": NOW - 5})).expect(502)
    Api()("GET doors/select").expect(200)


def test_a_token_that_ends_ends_at_once(use_config: UseConfig, provider: Provider) -> None:
    """What was verified is not remembered: neither its end nor a key that is withdrawn would be seen."""
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='full'))}]\n")
    api = Api()
    api("GET doors/select", by=signed({"exp": NOW + 3600})).expect(200)
    api("GET doors/select", by=signed({"exp": NOW - 1})).expect(401, {"message": "Token expired"})


def test_our_own_tokens_ask_no_provider(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"{DOOR}\nauthProviders: [{json.dumps(section(provider, bearerMode='full'))}]\n")
    api = Api()
    body = {"username": "eve", "email": "eve@example.com", "password": "corr3ct-horse", "name": "Eve"}
    token = api("POST users/auth/sign-up", body).expect(200)["token"]
    api("GET doors/select", by=token).expect(200)
    api("GET doors/select", by=token[:-3] + "xyz").expect(401)
    assert provider.times("/jwks") == 0
