"""The OpenAPI document of the process's config, and a page to read it on.

drf-spectacular writes the operations and collects the components. Its settings are the project's and not read here, and our
routes stay out of a document that the project makes of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.templatetags.static import static
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent

from pocketapi.actions import registry as actions
from pocketapi.api.account_operations import has_factor, has_signing
from pocketapi.api.base import SERVED, Call, Endpoint, raw
from pocketapi.api.described import Operation, Route, Subject
from pocketapi.api.operations import ROUTES
from pocketapi.api.schemas import MULTIPART, Schema
from pocketapi.config import link
from pocketapi.errors import NotFound
from pocketapi.records.render import dumps
from pocketapi.tables.cache import Cache
from pocketapi.tables.table import current

SIDECAR = "drf_spectacular_sidecar"
MISSING = (
    "Swagger UI is not installed: pip install 'pocketapi[docs]', and add drf_spectacular_sidecar to INSTALLED_APPS."
    " The document itself is at /doc."
)
POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
PAGES = Engine(dirs=[str(Path(__file__).resolve().parents[1] / "templates")])
ERRORS = {
    400: ("BadRequest", "What was sent makes no sense, and nothing was changed.", "Validation error"),
    401: ("Unauthorized", "A caller is needed, or the token proves nothing.", "Authentication required"),
    403: ("Forbidden", "A rule or a guard does not let the caller.", "Forbidden"),
    404: ("NotFound", "There is no such thing, or none that the caller may see.", "Not found"),
    409: ("Conflict", "A unique value is taken; the fields are named.", "A record with this value already exists."),
    413: ("TooLarge", "The request is too large.", "The request is too large."),
    415: ("UnsupportedMediaType", "Neither JSON nor a form.", "Unsupported content type: send JSON, a form or multipart."),
    429: ("Throttled", "Too many requests: Retry-After says when to try again.", "Too many requests"),
    416: ("RangeNotSatisfiable", "A file has no such part; Content-Range has its size.", "The file has no such part."),
    500: ("EmailNotConfigured", "This server is not configured to send mails.", "Email not configured"),
    502: ("BadGateway", "A mail server, an identity provider or the file store did not answer as it should.", "Try again."),
    503: ("Unavailable", "The database does not answer; nothing was written.", "The database is not available."),
}
FIELD_ERROR = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    "required": ["code", "message"],
}
ERROR = {
    "type": "object",
    "properties": {
        "code": {"type": "integer", "description": "The status."},
        "message": {"type": "string"},
        "data": {
            "type": "object",
            "description": "What is wrong, by field; of several rows under `rows`; of an expression `position` and `caret`.",
            "examples": [{"title": {"code": "required", "message": "This field is required."}}],
        },
    },
    "required": ["code", "message", "data"],
    "additionalProperties": False,
}
ERROR_HEADERS: dict[int, Schema] = {
    416: {"Content-Range": {"schema": {"type": "string"}, "description": "`bytes */` and the size."}},
    429: {"Retry-After": {"schema": {"type": "integer"}, "description": "The seconds to wait."}},
}
NAMED = {"table": "table", "accounts": "table", "action": "name"}
DOCUMENTS: Cache[bytes] = Cache(size=8)
BUILDING = threading.Lock()


class OperationSchema(AutoSchema):
    """One operation as its entry describes it."""

    def __init__(self, operation: Operation, subject: Subject, generator: Generator, reads: tuple[str, ...]) -> None:
        super().__init__()
        self.operation, self.subject, self.generator, self.reads = operation, subject, generator, reads

    def get_operation_id(self) -> str:
        found = self.subject.found
        return f"{found.name}_{self.operation.name}" if found else self.operation.name

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]
        found = self.subject.found
        told = found.spec.description if isinstance(found, link.Table) else found.description if found else None
        return told or ""

    def get_tags(self) -> list[str]:
        found = self.subject.found
        return [found.name if isinstance(found, link.Table) else "actions" if found else "database"]

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Which of the proofs that the endpoint reads serve; none is one of them where nobody need be signed in."""
        needed = self.operation.who != "anyone" or (self.operation.name == "action" and self.subject.action.require_auth)
        schemes: list[dict[str, list[str]]] = [{name: []} for name in self.reads if name in self.generator.schemes]
        return schemes if needed or not schemes else [*schemes, {}]

    def _get_parameters(self) -> list[Schema]:
        return self.operation.parameters(self.subject) or []

    def _get_request_body(self, direction: str = "request") -> Schema | None:  # noqa: ARG002 - the library's signature
        schema = self.operation.body(self.subject)
        if schema is None:
            return None
        needed = self.operation.needs_body or bool(schema.get("required"))
        forms = {kind: {"schema": form} for kind, form in self.operation.forms(self.subject).items()}
        return {"content": {"application/json": {"schema": schema}, **forms}, "required": needed}

    def _get_response_bodies(self, direction: str = "response") -> Schema:  # noqa: ARG002 - the library's signature
        found = self.operation.results(self.subject) or self._done()
        return found | {str(status): self._error(status) for status in self._statuses()}

    def _statuses(self) -> list[int]:
        """The errors, with those of the file store where files come."""
        stored = (502,) if MULTIPART in self.operation.forms(self.subject) else ()
        return sorted({*self.operation.errors, *stored})

    def _error(self, status: int) -> Schema:
        if status == 401 and self.operation.second_factor and has_factor(self.subject):
            return self.generator.second_factor()
        return self.generator.error(status)

    def _done(self) -> Schema:
        kind = "text/html" if self.operation.html else "application/json"
        schema = {"type": "string"} if self.operation.html else self.operation.answer(self.subject)
        found: Schema = {"200": {"description": "Done.", "headers": self._headers(), "content": {kind: {"schema": schema}}}}
        if self.operation.tagged:
            found["304"] = {"description": "The caller has it already: If-None-Match names its ETag."}
        return found

    def _headers(self) -> Schema:
        text = {"type": "string"}
        headers: Schema = {"ETag": {"schema": text}} if self.operation.tagged else {}
        if self.operation.name.split("_")[0] in ("list", "select"):
            told = {"X-Limit": "The limit that cut the answer.", "X-Next-Cursor": "The cursor of the next page."}
            headers |= {name: {"description": description, "schema": text} for name, description in told.items()}
        return headers

    def get_extensions(self) -> dict[str, Any]:
        return {}

    def is_deprecated(self) -> bool:
        return False

    def _get_external_docs(self) -> None:
        return None

    def _get_callbacks(self) -> list[Any]:
        return []


class Generator(SchemaGenerator):
    """Goes through the routes, and through tables, accounts and actions where a route is over them."""

    def __init__(self, root: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]
            title=current().spec.app_name, url=root, patterns=[]
        )
        self.root = root
        self.schemes = self._schemes()

    def _schemes(self) -> dict[str, Schema]:
        cookie = current().spec.auth_cookie
        told = "For clients whose Authorization header is taken: `Bearer` and the token."
        schemes: dict[str, Schema] = {
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The `token` of a session."},
            "header": {"type": "apiKey", "in": "header", "name": "X-Authorization", "description": told},
        }
        told = "A JWT of an identity provider."
        theirs: dict[str, Schema] = {
            "providerBearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": told},
            "providerHeader": {**schemes["header"], "description": f"{told[:-1]}, after `Bearer`."},
        }
        schemes |= {"cookie": {"type": "apiKey", "in": "cookie", "name": cookie.name}} if cookie else {}
        return schemes | (theirs if has_signing(Subject(self.ref)) else {})

    def subjects(self, route: Route) -> Iterator[Subject]:
        """What a route is about, each by itself."""
        config = current()
        match route.over:
            case "table":
                yield from (Subject(self.ref, table) for table in config.tables.values())
            case "accounts":
                yield from (Subject(self.ref, table) for table in config.tables.values() if table.auth)
            case "action":
                yield from (Subject(self.ref, action) for action in actions.every())
            case _:
                yield Subject(self.ref)

    def parse(self, input_request: Any, public: bool) -> dict[str, Any]:  # noqa: ARG002 - the library's signature
        """The paths with their operations."""
        paths: dict[str, Any] = {}
        for name, route in ROUTES.items():
            for subject in self.subjects(route):
                path = self.root + self._path(route, subject)
                for operation in route.operations:
                    if operation.shown(subject):
                        schema = OperationSchema(operation, subject, self, SERVED[name].reads)
                        described = schema.get_operation(path, path, self.root, operation.method, self.registry)
                        paths.setdefault(path, {})[operation.method] = described
        return paths

    def _path(self, route: Route, subject: Subject) -> str:
        name = f"{{{NAMED[route.over]}}}" if route.over else ""
        return route.path.replace(name, subject.found.name) if subject.found else route.path

    def get_schema(self, request: Any = None, public: bool = True) -> dict[str, Any]:
        """The whole document."""
        spec, paths = current().spec, self.parse(request, public)
        tags = [{"name": table.name, **_described(table)} for table in current().tables.values()]
        return {
            "openapi": "3.1.0",
            "info": {"title": spec.app_name, "version": str(spec.version if spec.version is not None else version("pocketapi"))},
            "tags": [*tags, {"name": "actions"}, {"name": "database"}],
            "paths": paths,
            "components": {**self.registry.build({}), "securitySchemes": self.schemes},
        }

    # Components

    def ref(self, name: str, schema: Schema) -> Schema:
        """A reference to a schema of this name."""
        return self._component(name, ResolvedComponent.SCHEMA, schema)

    def error(self, status: int) -> Schema:
        """A reference to the answer of a status that tells of an error."""
        name, description, message = ERRORS[status]
        example = {"code": status, "message": message, "data": {}}
        content = {"application/json": {"schema": self.ref("error", ERROR), "example": example}}
        headers = {"headers": ERROR_HEADERS[status]} if status in ERROR_HEADERS else {}
        return self._component(name, ResolvedComponent.RESPONSE, {"description": description, **headers, "content": content})

    def second_factor(self) -> Schema:
        """A reference to the 401 of a login that may stop half-way."""
        told = "A wrong or missing proof; or a login that is right so far: `data.mfaId` goes with a code to login-mfa."
        examples = {
            "second factor": {
                "value": {"code": 401, "message": "Second factor required", "data": {"mfaId": "the-id-of-the-login"}}
            },
            "unauthorized": {"value": {"code": 401, "message": ERRORS[401][2], "data": {}}},
        }
        content = {"application/json": {"schema": self.ref("error", ERROR), "examples": examples}}
        return self._component("SecondFactorRequired", ResolvedComponent.RESPONSE, {"description": told, "content": content})

    def _component(self, name: str, kind: str, schema: Schema) -> Schema:
        registry: ComponentRegistry = self.registry
        component = ResolvedComponent(name, kind, schema, name)  # type: ignore[no-untyped-call]
        registry.register_on_missing(component)
        return {"$ref": f"#/components/{kind}/{name}"}


def _described(table: link.Table) -> dict[str, str]:
    return {"description": table.spec.description} if table.spec.description else {}


def document(root: str) -> bytes:
    """The document of the process's config for an API below a path, made once."""
    with BUILDING:
        return DOCUMENTS.get(current(), (root, tuple(actions.FUNCTIONS)), lambda: dumps(Generator(root).get_schema()))


def root_of(request: HttpRequest, below: str) -> str:
    """The path that the API lies below, of a request for one of its pages."""
    return request.path.rstrip("/").removesuffix(below)


class Doc(Endpoint):
    """The OpenAPI document."""

    tagged: ClassVar[bool] = True

    def get(self, call: Call) -> HttpResponse:
        return raw(document(root_of(call.request, "doc")))


class DocUi(Endpoint):
    """Swagger UI, from files of the project's own server."""

    def get(self, call: Call) -> HttpResponse:
        if not apps.is_installed(SIDECAR):
            raise NotFound(MISSING)
        assets = f"{SIDECAR}/swagger-ui-dist"
        names = {"style": "swagger-ui.css", "bundle": "swagger-ui-bundle.js", "icon": "favicon-32x32.png"}
        files = {name: static(f"{assets}/{file}") for name, file in names.items()}
        told = {
            "title": current().spec.app_name,
            "document": f"{root_of(call.request, 'doc/ui')}doc",
            "start": static("pocketapi/doc.js"),
        }
        page = PAGES.get_template("pocketapi/doc.html").render(Context({**files, **told}))
        return HttpResponse(page, headers={"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"})
