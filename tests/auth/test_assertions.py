"""JWTs of providers at login-token."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pocketapi.models import Identity, Session
from tests.api.answers import Api
from tests.auth.conftest import WithProviders
from tests.auth.provider import Provider, private
from tests.auth.signing import ATTACKS, NOW, log_in, signed


def test_a_token_opens_a_session(corp: Api) -> None:
    found = log_in(signed()).expect(200, {"record": {"email": "eve@example.com", "email_verified": True, "name": "Eve"}})
    assert found.keys() == {"token", "refresh_token", "record"}
    corp("GET users/select", by=found["token"]).expect(200, [{"id": found["record"]["id"]}])
    assert Identity.objects.get().subject == "s-1"
    again = corp("POST users/auth/login-token", headers={"X-Authorization": f"Bearer {signed()}"}).expect(200)
    assert again["record"]["id"] == found["record"]["id"]
    assert Session.objects.count() == 2


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
