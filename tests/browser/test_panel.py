"""The panel in a browser: the first login, rows made, changed, found and deleted, files, passwords, sessions, a viewer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.server import PROJECT, SERVICE, Server
from tests.conftest import HERE

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WORD = "correct-horse-battery"
TABLES = "/pocket/pocket_tables"
USERS = f"""
from django.contrib.auth.models import Group, User
user = User.objects.create_user("vi", password="{WORD}", is_staff=True)
user.groups.add(Group.objects.get(name="pocket viewers"))
"""
SIGN_UP = {
    "values": {
        "username": "ann",
        "email": "ann@example.com",
        "name": "Ann",
        "password": "an unusual one",
        "passwordConfirm": "an unusual one",
    }
}

WIDER = """[...document.querySelectorAll('#content *')].filter(
    (each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && each.offsetParent
).filter((each) => each.children.length == 0).map((each) => each.outerHTML.slice(-200) + each.getBoundingClientRect().right)"""

FAINT = (HERE / "browser" / "faint.js").read_text()
# past what the editor leaves out: the frame alone
IN_THE_FRAME = "(text) => { document.querySelector('.pocket-editor iframe').contentDocument.body.innerHTML = text }"
COOKIES: dict[tuple[str, str], Any] = {}  # by server and user

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason=f"There is no browser: install {CHROMIUM}.")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The demo project over panel.yaml, whose environment names the first superuser."""
    folder = tmp_path_factory.mktemp("panel")
    made = Server(folder, HERE / "configs" / "panel.yaml", f"sqlite:///{folder}/rows.sqlite3")
    made.env |= {"POCKET_ADMIN_USERNAME": "root", "POCKET_ADMIN_PASSWORD": WORD}
    with made:
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", USERS], cwd=PROJECT, env=made.env, check=True, capture_output=True
        )
        made.url = made.url.removesuffix("/api/v1")
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own browser."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield made
        made.close()


class Visit:
    """A page of the panel. What it asks other hosts for, and what goes wrong in it, is kept."""

    def __init__(self, browser: Browser, server: Server, **options: Any) -> None:
        self.server = server
        self.context = browser.new_context(base_url=server.url, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.strange: list[str] = []
        self.page.on("request", lambda request: self._asked(request.url, server.url))
        self.page.on("pageerror", lambda error: self.strange.append(str(error)))
        self.page.on("dialog", lambda dialog: self.strange.append(dialog.message))
        self.page.on("response", lambda answer: self.strange.append(answer.url) if answer.status == 404 else None)

    def _asked(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.strange.append(url)

    def sign_in(self, name: str, anew: bool = False) -> None:
        """The first page, by way of the login; a second time with the cookies of the first."""
        if not anew and (self.server.url, name) in COOKIES:
            self.context.add_cookies(COOKIES[self.server.url, name])
            return
        self.page.goto("/api/v1/pocket/")
        self.page.fill("#id_username", name)
        self.page.fill("#id_password", WORD)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        COOKIES[self.server.url, name] = self.context.cookies()

    def save(self) -> None:
        """Save the form, by keyboard."""
        self.page.locator("[name=_save]").focus()
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}},
}


@pytest.fixture
def desk(browser: Browser, server: Server) -> Iterator[Visit]:
    """A visit, which must leave the host alone."""
    yield from visited(Visit(browser, server))


def visited(visit: Visit) -> Iterator[Visit]:
    """A visit, in which nothing strange has happened in the end."""
    yield visit
    visit.context.close()
    assert visit.strange == []


def insert(server: Server, table: str = "posts", **values: Any) -> str:
    """A row, made through the API."""
    answer = httpx.post(
        f"{server.url}/api/v1/table/{table}/insert",
        json={"values": values, "returning": "id"},
        headers={"authorization": f"Bearer {SERVICE}"},
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()[0]["id"])


def test_a_row_is_made_changed_found_and_deleted(desk: Visit, tmp_path: Path) -> None:
    page = desk.page
    desk.sign_in("root", anew=True)
    page.goto(f"{TABLES}/posts/add/")
    page.fill("#id_title", "Hello <b>you</b>")
    page.fill("#id_tags", "{")
    assert page.evaluate("document.querySelector('#id_tags').validationMessage").startswith("This is no JSON")
    page.fill("#id_tags", '{"a": 1}')
    page.fill("#id_moment", "2026-02-03T10:20")
    page.select_option("#id_kind", "talk")
    file = tmp_path / "note.txt"
    file.write_text("text")
    page.set_input_files("#id_cover", str(file))
    page.locator("#comments-post_id-group").get_by_text("Add another").click()
    page.fill("#id_comments-post_id-0-body", "A comment")
    desk.save()
    assert page.get_by_text("was added successfully").count() > 0
    page.fill("#pocket-where", "titel == 'x'")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "did you mean" in page.get_by_role("alert").first.inner_text()
    assert page.locator("#pocket-where-error pre").inner_text().splitlines()[1] == "^"
    page.fill("#pocket-where", "kind == 'talk' & tags->>'a' == 1")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.locator("#result_list").get_by_role("link", name="Hello <b>you</b>").first.click()
    assert page.input_value("#id_moment").startswith("2026-02-03T10:20")
    assert page.input_value("#id_comments-post_id-0-body") == "A comment"
    assert page.locator("#comments-post_id-group").get_by_role("link", name="Change").first.is_visible()
    for checked in (True, False):
        page.locator("#id_comments-post_id-0-DELETE").press("Space")
        assert page.is_checked("#id_comments-post_id-0-DELETE") == checked
    page.fill("#id_views", "-1")
    desk.save()
    assert page.get_by_text("This is less than 0.").count()
    page.fill("#id_views", "5")
    page.fill("#id_comments-post_id-0-body", "")
    desk.save()
    assert page.get_by_text("This field may not be null").or_(page.get_by_text("This field is required")).count()
    assert page.evaluate(WIDER) == []
    page.goto(page.url.split("/change/")[0] + "/delete/")
    with page.expect_navigation():
        page.locator("form[method=post] [type=submit]").last.click()
    assert page.get_by_text("was deleted successfully").count() > 0


def test_an_account_gets_a_password_and_loses_a_session(desk: Visit, server: Server) -> None:
    page = desk.page
    desk.sign_in("root")
    page.goto(f"{TABLES}/people/add/")
    for name, typed in SIGN_UP["values"].items():
        if not name.startswith("password"):
            page.fill(f"#id_{name}", typed)
    for name in ("password", "password-again"):
        page.fill(f"[name='{name}']", "an unusual one")
    desk.save()
    assert page.get_by_text("was added successfully").count() > 0
    login = {"identity": "ann", "password": "an unusual one"}
    answered = httpx.post(f"{server.url}/api/v1/table/people/auth/login-password", json=login)
    assert answered.status_code == 200
    page.goto(f"{TABLES}/people/{answered.json()['record']['id']}/change/")
    assert page.input_value("[name=password]") == ""
    with page.expect_navigation():
        page.get_by_role("button", name="Revoke the session").click()
    assert page.get_by_text("Ended a session.").count() > 0
    assert page.get_by_text("Nobody is signed in.").count()
    old = httpx.post(
        f"{server.url}/api/v1/table/people/auth/refresh-token",
        json={"refresh_token": answered.json()["refresh_token"]},
        headers={"authorization": f"Bearer {answered.json()['token']}"},
    )
    assert old.status_code == 401


def test_a_viewer_finds_no_input_and_writes_by_no_way(desk: Visit, server: Server) -> None:
    page = desk.page
    desk.sign_in("vi")
    uid = insert(server, title="Seen")
    page.goto(f"{TABLES}/posts/{uid}/change/")
    assert page.get_by_text("Seen").count()
    assert page.locator("#content form [name=title], #content form [type=submit]").count() == 0
    assert page.goto(f"{TABLES}/posts/add/").status == 403  # type: ignore[union-attr]
    page.goto("/pocket/")
    forged = """async ([path, posted]) => {
        const cookie = document.cookie.split('; ').find((each) => each.startsWith('csrftoken='));
        const token = cookie ? cookie.slice(10) : document.querySelector('[name=csrfmiddlewaretoken]').value;
        return (await fetch(path, {method: 'POST', body: new URLSearchParams({...posted, csrfmiddlewaretoken: token})})).status
    }"""
    for path, posted in (
        (f"{TABLES}/posts/{uid}/change/", {"title": "Forged", "kind": "news", "views": "0"}),
        (f"{TABLES}/posts/add/", {"title": "Forged", "kind": "news", "views": "0"}),
        (f"{TABLES}/posts/{uid}/delete/", {"post": "yes"}),
    ):
        assert page.evaluate(forged, [path, posted]) == 403
    assert stored(server, uid, "title") == "Seen"


@pytest.mark.parametrize("look", LOOKS)
def test_pages_can_be_read_and_fit(browser: Browser, server: Server, look: str) -> None:
    visit = Visit(browser, server, **LOOKS[look])
    visit.sign_in("root")
    uid = insert(
        server, title="A title of some length, as titles are", body="<p>text</p>", link="https://example.com/" + "long/" * 20
    )
    insert(server, "comments", post_id=uid, body="A comment")
    for path in ("/pocket/", f"{TABLES}/posts/", f"{TABLES}/posts/{uid}/change/"):
        visit.page.goto(path)
        assert visit.page.evaluate(FAINT) == [], path
        assert visit.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    visit.context.close()


# Rich text

# what an API user may store in a text, in the hope that it runs in an admin's session
ATTACKS = [
    "<img src=data:x onerror=top.hacked=1>",
    "<img src=data:x onerror='fetch(`/hacked`)'>",
    "<svg onload=top.hacked=1></svg><svg><script>top.hacked=1</script></svg>",
    "<script>top.hacked=1</script>",
    "<iframe srcdoc='<script>top.hacked=1</script>'></iframe><iframe src='javascript:top.hacked=1'></iframe>",
    "<a href='javascript:top.hacked=1' autofocus onfocus=top.hacked=1 id=link>x</a>",
    "<details open ontoggle=top.hacked=1>x</details><video src=data:x onerror=top.hacked=1></video>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=top.hacked=1&gt;'>",
    "<noscript><p title='</noscript><img src=data:x onerror=top.hacked=1>'>",
    "</textarea></script><img src=data:x onerror=top.hacked=1>",
    "<meta http-equiv=refresh content='0;url=/hacked'><base href=//evil.example/><link rel=stylesheet href=//evil.example/a.css>",
    "<form action=/hacked><input name=body autofocus onfocus=top.hacked=1></form><img name=body><img name=execCommand>",
    "<p style='background: url(//evil.example/a.png)'>x</p><img src=//evil.example/b.png>",
]


def stored(server: Server, uid: str, name: str = "body") -> Any:
    """What a post has in a field."""
    answer = httpx.get(f"{server.url}/api/v1/table/posts/view/{uid}", headers={"authorization": f"Bearer {SERVICE}"})
    return answer.json()[name]


def test_nothing_that_is_stored_runs_in_a_form(desk: Visit, server: Server) -> None:
    page, failed = desk.page, dict[str, str | None]()
    page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
    desk.sign_in("root")
    uid = insert(server, title="Attack", body="\n".join(ATTACKS))
    page.goto(f"{TABLES}/posts/{uid}/change/")
    page.locator(".pocket-editor [role=status]").wait_for()
    html = page.get_by_role("button", name="HTML")
    for attack in ATTACKS:
        page.fill("#id_body", attack)
        html.click()
        page.frame_locator(".pocket-editor iframe").locator("body[contenteditable]").click()
        page.evaluate(IN_THE_FRAME, attack)
        page.wait_for_timeout(50)
        assert page.evaluate("window.hacked") is None, attack
        html.click()
    assert page.url.endswith(f"{uid}/change/")
    page.evaluate("(text) => document.body.insertAdjacentHTML('beforeend', text)", ATTACKS[0])
    page.wait_for_function("window.hacked === 1")  # in the page itself it would have run
    assert {failed[url] for url in desk.strange} <= {"csp"}
    desk.strange.clear()


def test_what_is_not_changed_is_kept_to_the_letter(desk: Visit, server: Server) -> None:
    text = "<P class=a>one</p>\n<ul><li>a<li>b</ul><img src=data:x>"
    desk.sign_in("root")
    uid = insert(server, title="Kept", body=text)
    desk.page.goto(f"{TABLES}/posts/{uid}/change/")
    desk.page.frame_locator(".pocket-editor iframe").locator("li").first.click()
    desk.page.fill("#id_title", "Changed")
    desk.save()
    assert (stored(server, uid), stored(server, uid, "title")) == (text, "Changed")


def test_rich_text_is_written_by_keyboard_and_kept(desk: Visit, server: Server) -> None:
    page = desk.page
    desk.sign_in("root")
    uid = insert(server, title="Text", body="<p>old <b>words</b></p>")
    page.goto(f"{TABLES}/posts/{uid}/change/")
    body = page.frame_locator(".pocket-editor iframe").locator("body[contenteditable]")
    body.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type("new")
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Link").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("javascript:alert(1)")
    page.keyboard.press("Enter")
    assert "javascript" not in page.input_value("#id_body")
    page.get_by_role("button", name="Quote").press("Enter")
    desk.save()
    text = stored(server, uid)
    assert "old" in text
    assert "<b>new</b>" in text or "new" in text
    assert "<blockquote>" in text
    page.goto(f"{TABLES}/posts/{uid}/change/")
    page.get_by_role("button", name="HTML").press("Enter")
    page.fill("#id_body", "<h2>Typed</h2>")
    page.get_by_role("button", name="HTML").press("Enter")
    assert body.locator("h2").inner_text() == "Typed"
    desk.save()
    assert stored(server, uid) == "<h2>Typed</h2>"
