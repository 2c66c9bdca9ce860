"""Every operation of the OpenAPI document, called with what it says and with what it does not: no answer that it does not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.strategies import sampled_from
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.server import SERVICE, Server
from tests.conftest import HERE

ACTIONS = ("find", "click", "typed", "mine", "guarded", "write_post", "kinds_sql")
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
TOO_LONG = 414  # what gunicorn itself says of a request line past its limit
EXAMPLES = 2  # of each operation and way of generating
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The tables of configs/desk.yaml and some actions of configs/actions.yaml, served."""
    folder = tmp_path_factory.mktemp("openapi")
    config = folder / "pocketapi.yaml"
    desk, actions = ((HERE / "configs" / name).read_text("utf-8") for name in ("desk.yaml", "actions.yaml"))
    some = [text for text in actions.split("\n  - name: ")[1:] if text.partition("\n")[0] in ACTIONS]
    config.write_text("\n  - name: ".join([f"{desk}\nactions:", *some]), "utf-8")
    with Server(Path(folder), config, f"sqlite:///{folder / 'db.sqlite3'}") as running:
        yield running


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::hypothesis.errors.HypothesisWarning")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nothing_happens_that_the_document_does_not_know(server: Server, mode: GenerationMode) -> None:
    document = httpx.get(f"{server.url}/doc").json()
    schema = schemathesis.openapi.from_dict(document)
    session = requests.Session()
    called: set[str] = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()
        called.add(operation.label)
        strategy = operation.as_strategy(generation_mode=mode)

        @SETTINGS
        @hypothesis.given(case=strategy, token=sampled_from([None, SERVICE]))
        def call(case: Any, token: str | None) -> None:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            response = case.call(base_url=server.url.removesuffix("/api/v1"), session=session, headers=headers)
            if response.status_code != TOO_LONG:
                case.validate_response(response, checks=CHECKS)

        try:
            call()
        except hypothesis.errors.Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, operation.label  # what takes nothing can be given nothing wrong
    assert len(called) == sum(len(operations) for operations in document["paths"].values())
    assert not server.errors
