"""Which account a user of a provider gets, and what is left of what others put there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from django.utils import timezone

from pocketapi.auth import linking
from pocketapi.credentials.profiles import Profile, at, plain
from pocketapi.errors import Conflict
from pocketapi.models import OF_USERS, Identity, OneTimeToken, RecoveryCode, SecondFactor
from pocketapi.rules.principal import Caller
from pocketapi.tables.table import current
from tests.api.answers import HASH, PASSWORD, Api, run_sql
from tests.auth.conftest import WithProviders, redirecting
from tests.auth.provider import Browser, Provider
from tests.conftest import UseConfig


def claims(token: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


def signed_in(provider: str = "corp", table: str = "users") -> str:
    """The uid of whoever a round trip signs in."""
    landed = Browser(table).sign_in(provider)
    assert landed.error is None, landed.url
    return str(claims(landed.fragment["token"])["id"])


def belongings(uid: str, table: str = "users") -> list[int]:
    return [model._default_manager.filter(table=table, user=uid).count() for model in OF_USERS]


def furnish(uid: str, table: str = "users") -> None:
    """One of everything that an account has beside its row."""
    now = timezone.now()
    known = {"table": table, "user": uid}
    OneTimeToken.objects.create(**known, hash=f"h{uid}", purpose="password_reset", email="x", created=now, expires=now)
    Identity.objects.create(**known, provider="attackers", subject=uid, created=now)
    SecondFactor.objects.create(**known, secret="x", created=now)
    RecoveryCode.objects.create(**known, hash=f"r{uid}")


# Found


def test_the_provider_s_id_finds_the_account_whatever_becomes_of_the_address(sso: Api, provider: Provider) -> None:
    uid = signed_in()
    provider.profile = {"sub": "s-1", "email": "ann@example.com", "email_verified": True}
    assert signed_in() == uid
    provider.profile = {"sub": "s-1"}
    assert signed_in() == uid
    assert run_sql("SELECT email FROM users WHERE id = %s", uid) == [("eve@example.com",)]


def test_another_id_of_the_same_address_finds_it_too_and_is_linked(sso: Api, provider: Provider) -> None:
    uid = signed_in("corp")
    assert signed_in("google") == uid
    assert set(Identity.objects.filter(user=uid).values_list("provider", "subject")) == {("corp", "s-1"), ("google", "s-1")}


def test_an_account_with_a_verified_address_keeps_all_it_has(sso: Api, provider: Provider) -> None:
    run_sql("UPDATE users SET email_verified = %s WHERE id = 'ann'", True)
    furnish("ann")
    provider.profile["email"] = "Ann@Example.com"
    assert signed_in() == "ann"
    assert belongings("ann") == [2, 1, 2, 1, 1]
    sso("GET items/select", by="ann").expect(200)
    sso("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)


@pytest.mark.parametrize(
    "profile",
    [
        {"email": "ann@example.com"},
        {"email": "ann@example.com", "email_verified": False},
        {"email": "ann@example.com", "email_verified": "yes"},
        {"email": "ann@example.com", "email_verified": 1},
        {"email": "ann@example.com", "verified": True},
        {"email_verified": True},
        {"email": "", "email_verified": True},
        {"email": ["ann@example.com"], "email_verified": True},
        {"email": "nonsense", "email_verified": True},
        {"email": "\N{FULLWIDTH LATIN SMALL LETTER A}nn@example.com", "email_verified": True},
        {"email": "ann@\N{FULLWIDTH LATIN SMALL LETTER E}xample.com", "email_verified": True},
        {"email": "ann@example.com, eve@example.com", "email_verified": True},
    ],
)
def test_an_address_that_is_not_verified_finds_and_makes_nothing(sso: Api, provider: Provider, profile: Any) -> None:
    provider.profile = {"sub": "s-9", **profile}
    landed = Browser().sign_in("corp")
    assert (landed.error, landed.fragment) == ("bad_request", {})
    assert "verified+email" in landed.url
    assert not Identity.objects.exists()
    assert run_sql("SELECT COUNT(*) FROM users") == [(2,)]


def test_github_s_address_is_the_primary_one_if_it_is_verified(sso: Api, provider: Provider) -> None:
    provider.profile = {"id": 5, "login": "eve", "email": "ann@example.com", "email_verified": True}
    for emails in (
        [],
        [{"email": "ann@example.com", "primary": True, "verified": False}],
        [{"email": "ann@example.com", "primary": False, "verified": True}],
        ["ann@example.com"],
        [{"primary": True, "verified": True}],
    ):
        provider.emails = emails
        assert Browser().sign_in("github").error == "bad_request"
    provider.emails = [
        {"email": "ann@example.com", "verified": True},
        {"email": "eve@example.com", "primary": True, "verified": True},
    ]
    assert signed_in("github") not in ("ann", "bob")


def test_the_account_of_an_id_is_found_in_its_own_table_only(sso: Api, provider: Provider) -> None:
    uid = signed_in()
    assert signed_in(table="staff") != uid
    assert set(Identity.objects.values_list("table", flat=True)) == {"users", "staff"}


# Pre-registered


def test_an_account_that_somebody_else_made_for_the_address_is_handed_over_bare(sso: Api, provider: Provider) -> None:
    """The attacker knows the password, holds sessions and tokens, and has linked an account of his own."""
    furnish("ann")
    old = sso.refresh["ann"]
    provider.profile["email"] = "ann@example.com"
    browser = Browser()
    landed = browser.sign_in("corp")
    assert claims(landed.fragment["token"])["id"] == "ann"
    assert claims(landed.fragment["token"])["verified"] is True
    assert belongings("ann") == [1, 0, 1, 0, 0]
    assert Identity.objects.get(user="ann").provider == "corp"
    sso("GET items/select", by="ann").expect(401)
    sso("POST users/auth/refresh-token", {"refresh_token": old}, by="ann").expect(401)
    sso("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(400)
    sso("POST users/auth/login-password", {"identity": "ann", "password": "!"}).expect(400)
    sso("GET users/select", by=landed.fragment["token"]).expect(200, [{"email_verified": True}])
    assert belongings("bob") == [1, 0, 0, 0, 0]
    assert run_sql("SELECT password FROM users WHERE id = 'ann'") == [("!",)]


def test_who_comes_back_is_not_taken_over_again(sso: Api, provider: Provider) -> None:
    provider.profile["email"] = "ann@example.com"
    signed_in()
    run_sql("UPDATE users SET password = %s WHERE id = 'ann'", HASH)
    signed_in()
    sso("POST users/auth/login-password", {"identity": "ann", "password": PASSWORD}).expect(200)


def test_without_a_column_that_tells_an_address_was_never_verified(
    use_config: UseConfig, provider: Provider, settings: Any
) -> None:
    section = redirecting(provider, "corp")
    use_config(f"""
tables:
  - name: users
    fields: [{{name: id, type: integer, primary: true, autoIncrement: true}}, authFields.email, {{name: word, type: text, usage: auth_password}}]
    extensions:
      - {{name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0}}
      - {{name: rules, createRule: 'true', listRule: 'true'}}
authProviders: [{section}]
""")
    api = Api()
    api("POST users/auth/sign-up", {"email": "eve@example.com", "word": PASSWORD}).expect(200)
    assert signed_in() == "1"
    api("POST users/auth/login-password", {"email": "eve@example.com", "password": PASSWORD}).expect(400)
    assert signed_in() == "1"
    run_sql("DELETE FROM users")
    assert signed_in() == "2"


# New


def test_a_new_account_has_no_password_and_makes_one_by_reset_only(sso: Api, provider: Provider) -> None:
    landed = Browser().sign_in("corp")
    token = landed.fragment["token"]
    for proof in ({}, {"passwordCurrent": "!"}, {"passwordCurrent": ""}):
        sso("POST users/auth/change-password", {"password": "n3w-staple-x", **proof}, by=token).expect(400)
    sso("POST users/auth/login-password", {"identity": "eve@example.com", "password": "!"}).expect(400)
    assert run_sql("SELECT password, role, meta, avatar FROM users WHERE email = 'eve@example.com'") == [("!", None, None, None)]


def test_a_taken_name_gets_a_number(sso: Api, provider: Provider) -> None:
    provider.profile |= {"preferred_username": "ann"}
    uid = signed_in()
    ((name,),) = run_sql("SELECT username FROM users WHERE id = %s", uid)
    assert name.startswith("ann")
    assert name[3:].isdigit()


def test_an_account_that_is_gone_is_made_anew(sso: Api, provider: Provider) -> None:
    first = signed_in()
    run_sql("DELETE FROM users WHERE id = %s", first)
    second = signed_in()
    assert second != first
    assert list(Identity.objects.values_list("user", flat=True)) == [second]


def test_who_gets_the_uid_of_an_account_that_is_gone_gets_none_of_its_links(sso: Api, provider: Provider) -> None:
    first = signed_in()
    sso("POST users/delete", {"where": f"id == '{first}'"}, by="admin").expect(200)
    values = {"id": first, "username": "new", "email": "new@example.com", "name": "x", "password": PASSWORD}
    sso("POST users/insert", {"values": values}, by="admin").expect(200)
    assert signed_in() != first


def test_the_links_of_a_key_of_another_type_are_gone(sso: Api, provider: Provider) -> None:
    Identity.objects.create(table="staff", user="not-a-number", provider="corp", subject="s-1", created=timezone.now())
    assert signed_in(table="staff") == "1"


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ("null", "forbidden"),
        ("role == 'admin'", "forbidden"),
        ("auth.uid != null", "forbidden"),
        ("role == null & email_verified", None),
        ("request.headers.door == 'x'", "forbidden"),
    ],
)
def test_createrule_judges_as_for_anybody(use_config: UseConfig, provider: Provider, rule: str, error: str | None) -> None:
    """Providers belong to the whole config: a table that takes no sign-ups takes none by way of them."""
    use_config(f"""
tables:
  - name: users
    autoSetUid: true
    fields: [baseFields, authFields]
    extensions:
      - {{name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0, passwordConfirmSuffix: Confirm}}
      - {{name: rules, createRule: {rule}}}
authProviders: [{redirecting(provider, "corp")}]
""")
    assert Browser().sign_in("corp").error == error
    assert run_sql("SELECT COUNT(*) FROM users") == [(0 if error else 1,)]


def test_fields_that_take_what_the_provider_tells_and_those_that_do_not(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"""
tables:
  - name: users
    autoSetUid: true
    fields:
      - baseFields
      - {{name: nick, type: text, notNull: true, unique: true, noInsert: true, usage: auth_username}}
      - {{name: mail, type: text, notNull: true, unique: true, usage: auth_email}}
      - {{name: word, type: text, notNull: true, maxLength: 30, pattern: '[A-Z]', usage: auth_password}}
      - {{name: full, type: text, notNull: true, maxLength: 5, usage: auth_name}}
      - {{name: face, type: url, usage: auth_avatar}}
    extensions:
      - {{name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0, saveIdentities: false}}
      - {{name: rules, createRule: 'true'}}
authProviders: [{redirecting(provider, "corp")}]
""")
    for number, (picture, face) in enumerate(
        [
            ("https://a.example/b.png", "https://a.example/b.png"),
            ("javascript:alert(1)", None),
            ("http://no_host/", None),
            (None, None),
        ]
    ):
        provider.profile |= {"sub": str(number), "email": f"e{number}@example.com", "picture": picture, "name": "Evelina Long"}
        signed_in()
        assert run_sql(
            'SELECT full_, face FROM (SELECT "full" AS full_, face FROM users WHERE mail = %s) x', f"e{number}@example.com"
        ) == [("Eveli", face)]
    assert not Identity.objects.exists()


def test_without_links_the_address_alone_finds_the_account(with_providers: WithProviders, provider: Provider) -> None:
    with_providers(redirecting(provider, "corp"), auth={"saveIdentities": False})
    uid = signed_in()
    assert signed_in() == uid
    assert not Identity.objects.exists()
    provider.profile = {"sub": "s-1", "email": "else@example.com", "email_verified": True}
    assert signed_in() != uid


def test_an_account_without_an_address_is_found_by_its_link(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"""
tables:
  - name: users
    autoSetUid: true
    fields: [baseFields, authFields.username, authFields.password]
    extensions:
      - {{name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0}}
      - {{name: rules, createRule: 'true'}}
authProviders: [{redirecting(provider, "corp")}]
""")
    provider.profile = {"id": 5, "login": "eve"}
    assert signed_in() == signed_in()


def test_a_required_column_that_no_provider_knows(use_config: UseConfig, provider: Provider) -> None:
    use_config(f"""
tables:
  - name: users
    autoSetUid: true
    fields: [baseFields, authFields, {{name: plan, type: text, notNull: true}}]
    extensions:
      - {{name: auth, jwtSecret: a-secret-of-the-table-for-tests-only, jwtTokenDuration: 60, maxTokenRefresh: 0}}
      - {{name: rules, createRule: 'true'}}
authProviders: [{redirecting(provider, "corp")}]
""")
    assert Browser().sign_in("corp").error == "validation"


def test_others_who_sign_up_meanwhile(sso: Api, monkeypatch: Any) -> None:
    """Between the look for an account and its insert another request makes it; then it is found."""
    profile = Profile("corp", "s-1", "eve@example.com", verified=True)
    first = linking.account_of(_users(), profile, Caller())
    Identity.objects.all().delete()
    find, early = linking._addressed, iter([True])
    monkeypatch.setattr(linking, "_addressed", lambda *known: None if next(early, False) else find(*known))
    assert linking.account_of(_users(), profile, Caller()).uid == first.uid
    assert next(early, None) is None
    Identity.objects.all().delete()
    monkeypatch.setattr(linking, "_addressed", lambda *_: None)
    with pytest.raises(Conflict):
        linking.account_of(_users(), profile, Caller())


def _users() -> Any:
    return current().tables["users"]


# (username, email, name), the name that is made of them
NAMES = [
    (("eve", "x@y.zz", "Z"), "eve"),
    ((None, "eve.la+x@y.zz", "Z"), "eve_lax"),
    ((None, None, "Ève Ünal-Ö"), "Eve_Unal_O"),
    (("李", "李@y.zz", "李"), "user"),
    (("1eve", None, None), "u1eve"),
    (("_e_", None, None), "e"),
    (("e" * 40, None, None), "e" * 32),
    (("!!!", "ok@y.zz", None), "ok"),
    ((None, None, None), "user"),
]


@pytest.mark.parametrize(("told", "name"), NAMES)
def test_names_are_made_of_what_is_told(told: tuple[str | None, ...], name: str) -> None:
    user, email, full = told
    profile = Profile("corp", "1", email, username=user, name=full)
    assert linking.username(profile) == name
    again = linking.username(profile, 1)
    assert again[:-6] == name[:26]
    assert again[-6:].isdigit()


def test_texts_and_paths() -> None:
    assert plain(" a\x00\ud800\u202e\nb ") == "ab"
    assert len(plain("x" * 300)) == 255
    told = {"a": [{"b": 1}], "c": {"d": None}}
    assert [at(told, path) for path in ("a.0.b", "a.1", "a.x", "c.d.e", "c", "x.y")] == [1, None, None, None, {"d": None}, None]
