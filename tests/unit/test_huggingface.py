"""
What a Space at Hugging Face is told, in the front matter of its README, and what its README tells people to set.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from todo_web.settings import load_settings
from todo_web.settings.catalog import catalog

ROOT = Path(__file__).parents[2]
README = ROOT / "deploy" / "huggingface" / "README.md"
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
KEYS = {"title", "emoji", "colorFrom", "colorTo", "sdk", "app_port", "pinned", "license", "short_description"}
"""Of https://huggingface.co/docs/hub/spaces-config-reference, those that we use."""

KEY = "kT3v9QzW1xLr8NpYb5HdUf7GmCs2AeJo4ViXq6Rw"
GIVEN = {
    "DATABASE_URL": "postgresql://todo:pa55word@db.example.org:443/todo?sslmode=verify-full",
    "JWT_SECRET_KEY": KEY,
    "LINK_SECRET_KEYS": KEY[::-1],
    "RESEND_API_KEY": "re_made_up",
    "FRONTEND_URL": "https://todo.vercel.app",
    "BACKEND_URL": "https://ann-todo.hf.space",
    "EMAIL_PROVIDER": "resend",
    "SMTP_FROM_EMAIL": "todo@example.org",
    "TRUSTED_PROXY_HOPS": "2",
    "WORKERS": "2",
}


def faults(readme: str, dockerfile: str) -> list[str]:
    """
    Return what Hugging Face would stumble over.
    """
    found = re.match(r"---\n(.*?)\n---\n", readme, re.DOTALL)
    if found is None:
        return ["no front matter"]
    matter: dict[str, Any] = yaml.safe_load(found[1])
    (port,) = re.findall(r"\bPORT=(\d+)", dockerfile)
    checks = {
        "unknown keys": matter.keys() <= KEYS,
        "sdk": matter.get("sdk") == "docker",
        "port": matter.get("app_port") == int(port),
        "colours": {matter.get("colorFrom"), matter.get("colorTo")} <= COLOURS,
        "too long": len(matter.get("short_description", "")) <= 60,
        "title": bool(matter.get("title")),
    }
    return [name for name, good in checks.items() if not good]


def _texts() -> tuple[str, str]:
    return README.read_text("utf-8"), (ROOT / "Dockerfile").read_text("utf-8")


def test_a_space_would_take_it() -> None:
    """
    It is built from our Dockerfile, and asked at the port where the image listens.
    """
    assert faults(*_texts()) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("app_port: 8000", "app_port: 7860", "port"),
        ("sdk: docker", "sdk: gradio", "sdk"),
        ("colorTo: gray", "colorTo: grey", "colours"),
        ("app_port", "appPort", "unknown keys"),
        ("---\n", "", "no front matter"),
    ],
)
def test_a_fault_is_seen(right: str, wrong: str, fault: str) -> None:
    """
    The test above would fail.
    """
    readme, dockerfile = _texts()
    assert right in readme
    assert fault in faults(readme.replace(right, wrong), dockerfile)


def test_what_it_says_to_set_is_enough() -> None:
    """
    The program starts with it, in production; each name is one of its settings.
    """
    named = re.findall(r"^\| (?:Secret|Variable) \| `([A-Z_]+)`", README.read_text("utf-8"), re.MULTILINE)
    assert set(named) == GIVEN.keys()
    assert set(named) <= {setting.name for setting in catalog()}
    assert load_settings({**GIVEN, "ENVIRONMENT": "production"}).is_production


def test_no_mail_server_is_proposed() -> None:
    """
    A Space reaches the ports 80, 443 and 8080 only.
    """
    readme = README.read_text("utf-8")
    assert re.search(r"`EMAIL_PROVIDER` \| `resend`, `postmark` or `sendgrid`", readme)
    assert "SMTP_HOST" not in readme
