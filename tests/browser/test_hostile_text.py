"""Chromium as the judge: hostile texts everywhere, and nothing runs, is fetched or breaks the policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.settings.actions import change_settings
from tests.attacks.payloads import SCRIPTS
from tests.factories import body_of, make_post, make_term
from tests.people import ADA

Open = Callable[..., Any]


def test_chromium_runs_nothing_that_was_typed(site: Any, window: Open) -> None:
    evil = " ".join(SCRIPTS)
    raw = [{"type": "rawHtml", "attrs": {"html": attack}} for attack in SCRIPTS]
    body = {"type": "doc", "content": [*body_of(*SCRIPTS)["content"], *raw]}
    tags = [make_term("tag", payload[:100]) for payload in SCRIPTS[:12]]
    post = make_post(evil[:480], excerpt=evil[:1500], seo_description=evil[:900], body=body, slug="evil", terms=tags)
    with transaction():
        change_settings({"name": SCRIPTS[0], "description": SCRIPTS[7]}, by=system_user())
    browser = window()
    ran: list[str] = []
    browser.page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    inside = quote(SCRIPTS[7], safe="")
    for path in ("/", "/posts/evil/", f"/search?q={inside}", f"/{inside}/", "/author/ed/"):
        browser.open(path)
        browser.page.mouse.move(300, 300)
        browser.page.keyboard.press("Tab")
    browser.sign_in(ADA)
    page = f"/admin/posts/{post.id}/"
    for path in ("/admin/", "/admin/posts/", page, f"{page}delete/", "/admin/tags/"):
        browser.open(path)
        browser.page.keyboard.press("Tab")
    browser.page.wait_for_load_state("networkidle")
    assert ran == []
