"""The example of embedding is set up and answers as its README says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VISIT = """
import django, json
django.setup()
from django.test import Client
client = Client()
posted = {"values": {"name": "Ann", "stars": 4, "words": "Lovely."}, "returning": "name,stars"}
print(client.post("/api/v1/table/entries/insert", json.dumps(posted), content_type="application/json").content.decode())
print(client.get("/api/v1/table/entries/list?select=words").content.decode())
print(client.post("/api/v1/table/entries/delete", {"where": "stars == 4"}).status_code)
print(client.get("/").content.decode())
from shop.models import Product
lamp = Product.objects.create(name="Lamp", price="9.90", on_sale=True)
Product.objects.create(name="Secret", price="1")
posted = {"values": {"name": "Bob", "words": "Bright.", "product": lamp.pk}}
print(client.post("/api/v1/table/entries/insert", json.dumps(posted), content_type="application/json").status_code)
print(client.get("/api/v1/table/products/list?select=*,entries(words)").content.decode())
print(client.get("/api/v1/table/products/list?where=cost == 0").status_code)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__", "*.sqlite3*", "pocketapi_migrations", ".env")
    return Path(shutil.copytree(ROOT / "examples" / "embedding", tmp_path / "embedding", ignore=ignored))


def python(project: Path, *arguments: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "shop.settings",
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only",
        "JWT_SECRET": "only-for-tests-only-for-tests-of-the-shop",
    }
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_an_existing_project_serves_a_config(project: Path) -> None:
    assert "no problems, no warnings, 2 tables" in python(project, "manage.py", "pocketapi", "check")
    python(project, "manage.py", "check", "--fail-level", "WARNING")
    assert "Applied pocket_tables.0001_initial." in python(project, "manage.py", "pocketapi", "migrate")
    assert "No changes detected" in python(project, "manage.py", "makemigrations", "--check", "--dry-run", "shop")
    assert python(project, "-c", VISIT).splitlines() == [
        '[{"name":"Ann","stars":4}]',
        '{"items":[{"words":"Lovely."}],"total":1}',
        "403",
        "1 people liked it here.",
        "200",
        '{"items":[{"id":1,"name":"Lamp","price":9.9,"on_sale":true,"entries":[{"words":"Bright."}]}],"total":1}',
        "400",
    ]
