"""
What is put into a page for who has no script.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from todo_web.filling import Filling, Notice, filled
from todo_web.web_page import BUILT

PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><title>Log in - Todo &amp; more</title>
<script type="module" crossorigin src="/assets/a.js"></script><link rel="modulepreload" href="/assets/b.js">
<link rel="stylesheet" href="/assets/c.css"></head>
<!-- a comment --><body><h1>Log in</h1><details class="more"><summary>More&hellip;</summary>&#169; a > b</details>
<form method="post"><label for="email">E-mail</label><input aria-invalid="false" name="email" type="email"/><br>
<label for="password">Password</label><input name="password" type="password" aria-describedby="hint">
<input type="hidden" name="token"/><noscript><p>No</p></noscript></form><svg><path d="M1 2"/></svg></body></html>
"""


def pages() -> list[Path]:
    """
    Return all pages of the build there is.
    """
    return sorted(BUILT.rglob("*.html"))


@pytest.mark.parametrize("html", [PAGE, *[page.read_text("utf-8") for page in pages()]])
def test_nothing_else_of_the_page_changes(html: str) -> None:
    """
    Without anything to put in, a page comes out as it went in, to the letter; so do all of ours.
    """
    assert filled(html, Filling()) == html


def test_what_was_typed_stands_in_its_fields() -> None:
    """
    A value is escaped, and comes before any other of its field; the rest of the page stays.
    """
    hostile = "\"><script>alert(1)</script>&'\u202e"
    html = filled(PAGE, Filling(values={"email": hostile, "token": "t"}))
    safe = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#x27;\u202e"
    assert f'<input value="{safe}" aria-invalid="false" name="email" type="email"/>' in html
    assert '<input value="t" type="hidden" name="token"/>' in html
    assert html.replace(f' value="{safe}"', "").replace(' value="t"', "") == PAGE


def test_a_password_is_never_put_into_a_page() -> None:
    """
    Not even when somebody wants it to be.
    """
    assert filled(PAGE, Filling(values={"password": "secret"})) == PAGE


def test_what_is_wrong_is_said_at_its_field() -> None:
    """
    Behind the label, and the field says that it is described there; what has no label is said above.
    """
    faults = {"password": "Too <short>.", "email": "No address.", "other": "What & is this?"}
    html = filled(PAGE, Filling(faults=faults, notice=Notice("error", "Look.")))
    assert '</label><p class="fault" id="password-fault">Too &lt;short&gt;.</p><input aria-invalid="true"' in html
    assert 'aria-describedby="password-fault hint" name="password"' in html
    assert '<input aria-invalid="true" aria-describedby="email-fault" aria-invalid="false" name="email"' in html
    assert (
        '</h1><p class="notice error" role="alert" tabindex="-1" autofocus>Look. What &amp; is this?</p><details open'
        in html
    )


def test_a_page_that_tells_something_has_no_script() -> None:
    """
    Its scripts know nothing of that and would take it away; its styles stay, and its title tells it too.
    """
    html = filled(PAGE, Filling(notice=Notice("done", "It is <done>."), titled="Done & "))
    assert '</h1><p class="notice done" role="status" tabindex="-1" autofocus>It is &lt;done&gt;.</p>' in html
    assert "script" not in html.replace("noscript", "")
    assert "modulepreload" not in html
    assert 'href="/assets/c.css"' in html
    assert '<html data-plain lang="en">' in html
    assert "<title>Done &amp; Log in" in html
