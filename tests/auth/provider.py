"""An identity provider of our own on loopback, and a browser that goes there and back with its cookies."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from jwt import algorithms

from tests.api.answers import Answer

CLIENT, SECRET = "our-client", "hush-secret-of-the-client"
SECRETS = (SECRET, "access-", "code-")
APP = "http://localhost:8000"


def private(kind: str, number: int = 0) -> Any:
    """A key pair for tests, made once; `number` tells pairs of a kind apart."""
    return _made(kind, number)


@cache
def _made(kind: str, _number: int) -> Any:
    match kind:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "weak":
            return rsa.generate_private_key(65537, 1024)
        case "ec":
            return ec.generate_private_key(ec.SECP256R1())
        case "koblitz":
            return ec.generate_private_key(ec.SECP256K1())
        case _:
            return ed25519.Ed25519PrivateKey.generate()


def pem(kind: str, number: int = 0) -> str:
    """The public half as PEM."""
    return str(private(kind, number).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def jwk(kind: str, number: int = 0, **more: Any) -> dict[str, Any]:
    """The public half as a JWK."""
    kinds = {"rsa": algorithms.RSAAlgorithm, "weak": algorithms.RSAAlgorithm, "ed": algorithms.OKPAlgorithm}
    made: Any = kinds.get(kind, algorithms.ECAlgorithm)
    return {**made.to_jwk(private(kind, number).public_key(), as_dict=True), **more}


class Provider:
    """What the server knows: its users' profiles, its keys, what it was asked for, and how it is to fail."""

    def __init__(self) -> None:
        self.url = ""
        self.lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        self.profile: Any = {
            "sub": "s-1",
            "email": "eve@example.com",
            "email_verified": True,
            "name": "Eve",
            "picture": "http://a/b.png",
        }
        self.emails: Any = []
        self.keys: Any = {"keys": [jwk("rsa", kid="k1")]}
        self.broken: dict[str, str] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(1 for asked, _, _ in self.asked if asked == path)

    def seen(self, path: str) -> tuple[dict[str, str], dict[str, str]]:
        """The parameters and headers of the last request of a path."""
        return next((params, headers) for asked, params, headers in reversed(self.asked) if asked == path)


class Handler(BaseHTTPRequestHandler):
    """The endpoints of an OAuth provider: authorize, token, userinfo, jwks."""

    provider: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(parts.path, dict(parse_qsl(parts.query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer(urlsplit(self.path).path, dict(parse_qsl(body)))

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def _answer(self, path: str, params: dict[str, str]) -> None:
        with self.provider.lock:
            self.provider.asked.append((path, params, {name.lower(): value for name, value in self.headers.items()}))
        broken = self.provider.broken.get(path)
        if broken is not None:
            return self._fail(broken)
        match path:
            case "/authorize":
                code = f"code-{len(self.provider.codes)}"
                self.provider.codes[code] = params
                back = {"code": code, "state": params.get("state", "")}
                return self._send(302, b"", Location=f"{params['redirect_uri']}?{urlencode(back)}")
            case "/token":
                return self._json(*self._token(params))
            case "/userinfo":
                return self._json(*self._told(self.provider.profile))
            case "/userinfo/emails":
                return self._json(*self._told(self.provider.emails))
            case "/jwks" | "/.well-known/jwks.json":
                return self._json(200, self.provider.keys)
            case "/.well-known/openid-configuration":
                return self._json(200, {"jwks_uri": f"{self.provider.url}/jwks"})
        return self._json(404, {})

    def _token(self, params: Mapping[str, str]) -> tuple[int, Any]:
        """RFC 6749 and RFC 7636: the client, the code, where it went to, and the verifier; a code is good once."""
        asked = self.provider.codes.pop(params.get("code", ""), None)
        challenge = (
            base64.urlsafe_b64encode(hashlib.sha256(params.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
        )
        if (params.get("client_id"), params.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if asked is None or asked["redirect_uri"] != params["redirect_uri"] or params["grant_type"] != "authorization_code":
            return 400, {"error": "invalid_grant"}
        if (asked.get("code_challenge_method"), asked.get("code_challenge")) != ("S256", challenge):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": f"access-{params['code']}", "token_type": "Bearer"}

    def _told(self, what: Any) -> tuple[int, Any]:
        return (200, what) if self.headers.get("Authorization", "").startswith("Bearer access-code-") else (401, {})

    def _fail(self, how: str) -> None:
        match how:
            case "slow":
                time.sleep(1.5)
                return self._json(200, {})
            case "drip":
                return self._drip()
            case "hang up":
                return self.connection.close()
            case "html":
                return self._send(200, b"<html>")
            case "deep":
                return self._send(200, b"[" * 100_000)
            case "huge":
                return self._send(200, b'"' + b"x" * 600_000 + b'"')
            case "away":
                return self._send(302, b"", Location="http://127.0.0.1:9/")
            case _:
                status, _, text = how.partition(" ")
                return self._send(int(status), text.encode())

    def _drip(self) -> None:
        """A blank every now and then, so that no single read times out."""
        self.send_response(200)
        self.end_headers()
        for _ in range(20):
            self.wfile.write(b" " * 20_000)
            self.wfile.flush()
            time.sleep(0.1)

    def _json(self, status: int, value: Any) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, content: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """Says nothing of connections that clients gave up."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def served(provider: Provider) -> Iterator[Provider]:
    """The provider behind a port of loopback."""
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"provider": provider}))
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


class Browser:
    """Goes where it is sent, by hand, and keeps cookies."""

    def __init__(self, table: str = "users") -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.table = table

    def visit(self, url: str, **headers: str) -> Answer:
        """A page of ours."""
        parts = urlsplit(url)
        assert not parts.netloc or f"{parts.scheme}://{parts.netloc}" == APP
        found = self.client.get(f"{parts.path}?{parts.query}", headers=headers)
        return Answer(found.status_code, json.loads(found.content) if found.content else None, found.headers)

    def start(self, provider: str, redirect: str | None = None, **headers: str) -> str:
        """Where the start of a sign-in sends it."""
        query = f"?{urlencode({'redirect': redirect})}" if redirect is not None else ""
        found = self.visit(f"/api/v1/table/{self.table}/auth/oauth/{provider}{query}", **headers)
        found.expect(302)
        return str(found.headers["Location"])

    def authorize(self, url: str) -> str:
        """Where the provider sends it back to."""
        found = httpx.get(url)
        assert found.status_code == 302, found.text
        return found.headers["Location"]

    def sign_in(self, provider: str, redirect: str | None = None) -> Landing:
        """There and back."""
        return self.land(self.authorize(self.start(provider, redirect)))

    def land(self, url: str) -> Landing:
        """What the callback leads to."""
        return Landing(self.visit(url))


class Landing:
    """Where a callback sends the browser."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.url = answer.headers.get("Location", "")
        parts = urlsplit(self.url)
        self.page = parts._replace(query="", fragment="").geturl()
        self.fragment = {name: values[0] for name, values in parse_qs(parts.fragment).items()}
        self.error = parse_qs(parts.query).get("error", [None])[0]
