"""The OpenAPI document: valid, stable, complete, and silent about what is hidden."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from pocketapi import urls
from pocketapi.actions import action, registry
from pocketapi.api import docs
from pocketapi.api.operations import ROUTES
from pocketapi.config import loader
from pocketapi.tables import models
from tests.actions.conftest import acting
from tests.api.answers import Api
from tests.conftest import HERE, load_config

ROOT = "/api/v1/"
GOLDEN = HERE / "golden"
ACCEPT = (
    "the document has changed. If that is meant: ACCEPT_GOLDEN=1 python -m pytest tests/api/test_docs.py, and look at the diff."
)
ENVIRONMENT = {"JWT_SECRET": "a" * 32, "JWT_SECRET_USERS": "b" * 32, "JWT_SECRET_PROD": "c" * 32}
# (name, the config's file)
CONFIGS = [(name, HERE / "configs" / f"{name}.yaml") for name in ("example", "types")] + [
    (name, GOLDEN / f"{name}.yaml") for name in ("actions", "everything")
]


@pytest.fixture
def install() -> Iterator[Any]:
    """Makes a config the process's own, without tables in a database."""
    before = models.CONFIG
    yield models.install
    models.install(before)


def written() -> Any:
    """The document of the config that is installed."""
    return json.loads(docs.document(ROOT))


@pytest.mark.parametrize(("name", "path"), CONFIGS)
def test_the_document_is_valid_and_as_it_was(install: Any, name: str, path: Path) -> None:
    install(loader.load(path, environ=ENVIRONMENT))
    document = written()
    validate(document)
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    golden = GOLDEN / f"openapi-{name}.json"
    if os.environ.get("ACCEPT_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert golden.read_text("utf-8") == text, ACCEPT


# the configs that are served elsewhere, too
VALID = [HERE.parent / "pocketapi.yaml", *(HERE / "configs" / f"{name}.yaml" for name in ("desk", "files", "papers"))]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_documents_are_valid(install: Any, path: Path) -> None:
    install(loader.load(path, environ=ENVIRONMENT))
    validate(written())


def test_every_route_is_described_under_its_path() -> None:
    routes = {
        str(each.name).removeprefix("pocketapi-"): re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", str(each.pattern))
        .removeprefix("^")
        .removesuffix("/?\\Z")
        for each in urls.urlpatterns
        if each.name
    }
    assert routes == {name: route.path for name, route in ROUTES.items()}, "Add the route to pocketapi/api/operations.py."


def test_every_method_of_a_route_is_described() -> None:
    for each in urls.urlpatterns:
        if each.name:
            view = each.callback.view_class if hasattr(each.callback, "view_class") else each.callback.cls  # type: ignore[attr-defined]
            methods = {method for method in ("get", "post") if hasattr(view, method)}
            route = ROUTES[each.name.removeprefix("pocketapi-")]
            assert {operation.method for operation in route.operations} == methods, each.name


def test_operations_have_names_of_their_own(install: Any) -> None:
    install(acting())
    names = [operation["operationId"] for path in written()["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))
    assert {"posts_insert", "posts_list", "posts_list_post", "users_sign_up", "click_action", "health"} <= set(names)


OURS = ["bearer", "header", "cookie"]
# (an operation, the proofs that it takes, whether it needs one)
PROVED: list[tuple[str, list[str], bool]] = [
    ("get health", OURS, False),
    ("get settings", OURS, True),
    ("get table/posts/list", OURS, False),
    ("get files/posts/{uid}/{path}", OURS, False),
    ("get pocket", [], False),
    ("post auth/logout", [], False),
    ("post mail/webhook/{provider}", [], False),
    ("post table/users/auth/sign-up", OURS, False),
    ("post table/users/auth/login-password", [], False),
    ("post table/users/auth/refresh-token", OURS, True),
    ("post table/users/auth/change-password", OURS, True),
    ("post table/users/auth/logout", OURS, True),
    ("post table/users/auth/request-verification", OURS, False),
    ("post table/users/auth/confirm-verification", OURS, False),
    ("post table/users/auth/request-password-reset", [], False),
    ("post table/users/auth/confirm-password-reset", [], False),
    ("post table/users/auth/request-otp", [], False),
    ("post table/users/auth/login-otp", [], False),
    ("post table/users/auth/enroll-mfa", OURS, True),
    ("post table/users/auth/login-mfa", [], False),
    ("post table/users/auth/login-token", ["providerBearer", "providerHeader"], True),
    ("post table/users/auth/google-login", [], False),
    ("get table/users/auth/oauth/{provider}", [], False),
    ("get table/users/auth/oauth/{provider}/callback", [], False),
]


@pytest.mark.parametrize(("operation", "proofs", "needed"), PROVED)
def test_operations_say_which_proofs_they_take(install: Any, operation: str, proofs: list[str], needed: bool) -> None:
    install(loader.load(GOLDEN / "everything.yaml", environ=ENVIRONMENT))
    document, (method, path) = written(), operation.split()
    wanted = [{name: []} for name in proofs]
    assert document["paths"][ROOT + path][method].get("security", []) == (wanted if needed or not proofs else [*wanted, {}])
    assert set(proofs) <= document["components"]["securitySchemes"].keys()


# (a table, a path of an operation that the document has or not)
SHOWN = [
    ("bare/list", False),
    ("bare/insert", False),
    ("kv/list", True),
    ("kv/delete", False),
    ("readers/update", False),
    ("readers/edit/{uid}", True),
    ("users/auth/sign-up", True),
    ("items/auth/sign-up", False),
]


@pytest.mark.parametrize(("path", "shown"), SHOWN)
def test_what_a_null_rule_keeps_for_admins_is_absent(install: Any, path: str, shown: bool) -> None:
    install(acting())
    assert (f"{ROOT}table/{path}" in written()["paths"]) is shown


# a path that there is only where the config has what it needs
OFFERED = [
    "table/users/auth/request-verification",
    "table/users/auth/confirm-password-reset",
    "table/users/auth/request-otp",
    "table/users/auth/login-mfa",
    "table/users/auth/login-token",
    "table/users/auth/google-login",
    "table/users/auth/oauth/{provider}",
    "table/posts/file-token",
    "files/posts/{uid}/{path}",
    "mail/webhook/{provider}",
]


@pytest.mark.parametrize("path", OFFERED)
def test_what_the_config_does_not_offer_is_absent(install: Any, path: str) -> None:
    install(loader.load(GOLDEN / "everything.yaml", environ=ENVIRONMENT))
    assert f"{ROOT}{path}" in written()["paths"]
    install(acting())
    assert f"{ROOT}{path}" not in written()["paths"]


def test_files_come_in_forms_beside_json(install: Any) -> None:
    install(loader.load(GOLDEN / "everything.yaml", environ=ENVIRONMENT))
    paths = written()["paths"]
    for path, part in [("insert", "values.cover"), ("update", "setValues.cover"), ("edit/{uid}", "cover")]:
        content = paths[f"{ROOT}table/posts/{path}"]["post"]["requestBody"]["content"]
        assert set(content) == {"application/json", "multipart/form-data"}
        properties = content["multipart/form-data"]["schema"]["properties"]
        assert properties[part] == {"type": "string", "format": "binary"}
        assert not any("hidden" in name for name in properties)
    assert f"{ROOT}files/papers/{{uid}}/{{path}}" not in paths
    assert set(paths[f"{ROOT}files/posts/{{uid}}/{{path}}"]["get"]["responses"]) >= {"200", "206", "304", "404", "416"}


def test_a_login_may_stop_at_the_second_factor(install: Any) -> None:
    login = f"{ROOT}table/users/auth/login-password"
    for config, name in [
        (loader.load(GOLDEN / "everything.yaml", environ=ENVIRONMENT), "SecondFactorRequired"),
        (acting(), "Unauthorized"),
    ]:
        install(config)
        assert written()["paths"][login]["post"]["responses"]["401"] == {"$ref": f"#/components/responses/{name}"}


def test_hidden_columns_are_absent_and_passwords_only_written(install: Any) -> None:
    install(acting())
    schemas = written()["components"]["schemas"]
    for name in ("record", "values", "changes"):
        assert not {"note", "code"} & schemas[f"posts.{name}"]["properties"].keys()
    assert "clicks" in schemas["posts.record"]["properties"]
    assert "clicks" not in schemas["posts.values"]["properties"]
    assert "password" in schemas["users.values"]["properties"]
    assert not any("password" in column for column in schemas["users.record"]["properties"])
    assert not any("salt" in column for schema in schemas.values() for column in schema.get("properties", {}))


def test_nulls_are_taken_where_a_column_takes_them(install: Any) -> None:
    install(acting())
    values, record = (written()["components"]["schemas"][f"kinds.{name}"]["properties"] for name in ("values", "record"))
    assert values["choice"] == {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert values["small"]["type"] == ["integer", "null"]
    assert (values["small"]["minimum"], values["small"]["maximum"]) == (1, 3)
    assert "type" not in values["json"]  # whatever JSON there is, null included
    assert record["id"] == {"type": "string"}


def test_actions_are_described_with_their_parameters(install: Any) -> None:
    install(acting())
    paths = written()["paths"]
    schema = paths[f"{ROOT}action/typed"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["needed"]
    assert schema["properties"]["n"] == {"type": ["number", "null"], "format": "double", "default": 1.5}
    assert {} not in paths[f"{ROOT}action/mine"]["post"]["security"]
    assert [each["name"] for each in paths[f"{ROOT}action/guarded"]["post"]["parameters"]] == ["door"]


def test_functions_of_the_project_are_described(install: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    install(acting())
    written()
    monkeypatch.setattr(registry, "FUNCTIONS", {})
    action("extra", description="More.")(lambda _params, _caller, _tables: None)
    assert written()["paths"][f"{ROOT}action/extra"]["post"]["description"] == "More."


def test_the_cookie_and_descriptions_are_told(install: Any, tmp_path: Path) -> None:
    table = "{name: notes, description: What is noted., fields: [baseFields, {name: text, type: text, description: The text.}]}"
    rules = "extensions: [{name: rules, listRule: 'true'}]"
    install(load_config(f"authCookie: {{name: session}}\ntables: [{table[:-1]}, {rules}}}]\n", tmp_path))
    document = written()
    assert document["components"]["securitySchemes"]["cookie"] == {"type": "apiKey", "in": "cookie", "name": "session"}
    assert document["paths"][f"{ROOT}table/notes/list"]["get"]["description"] == "What is noted."
    assert document["components"]["schemas"]["notes.record"]["properties"]["text"]["description"] == "The text."


def test_the_document_is_made_once_and_tagged(api: Api) -> None:
    first = api("GET /doc").expect(200, {"openapi": "3.1.0", "info": {"title": "Desk", "version": "7"}})
    misses = docs.DOCUMENTS.misses
    answer = api("GET /doc/")
    assert answer.body == first
    assert docs.DOCUMENTS.misses == misses
    api("GET /doc", headers={"If-None-Match": answer.headers["ETag"]}).expect(304)
    assert f"{ROOT}table/items/list" in first["paths"]
    api("POST /doc", {}).expect(405)
    api("GET /doc", by="forged").expect(401)


def test_swagger_ui_comes_from_the_server_itself(api: Api, settings: Any) -> None:
    page = api.client.get("/api/v1/doc/ui")
    text = page.content.decode()
    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert 'data-document="/api/v1/doc"' in text
    assert "<script>" not in text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)
    assert "default-src 'self'" in page["Content-Security-Policy"]
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != docs.SIDECAR]
    api("GET /doc/ui").expect(404, {"message": docs.MISSING, "data": {}})
