import pytest
from tests.admin.conftest import SignedIn

pytestmark = pytest.mark.django_db


def test_it(signed_in: SignedIn):
    c = signed_in("root")
    for p in (
        "",
        "pocket_tables/posts/",
        "pocket_tables/posts/add/",
        "pocket_tables/people/add/",
        "auth/user/",
        "auth/user/add/",
        "auth/group/",
        "admin/logentry/",
    ):
        r = c.get("/pocket/" + p)
        assert r.status_code == 200, (p, r.content)
    r = c.post(
        "/pocket/pocket_tables/posts/add/",
        {"title": "hello", "kind": "talk", "views": "3", "tags": "[1]", "moment": "2026-01-02T03:04"},
    )
    assert r.status_code == 302, r.content.decode()[-3000:]
    r = c.get("/pocket/pocket_tables/posts/")
    assert "hello" in r.content.decode()
