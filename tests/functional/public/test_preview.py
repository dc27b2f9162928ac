"""The preview: a draft in the theme, for those who may edit it and nobody else."""

from collections.abc import Callable

import pytest

from cms.content.actions.edit_entry import edit_entry
from cms.content.models import Post
from cms.content.saving import working_fields
from cms.core.db import transaction
from cms.core.permissions import system_user
from cms.extensions import db
from tests.clients import PageClient
from tests.factories import body_of, make_page, make_post
from tests.people import ADA, ART, CON, ED, NOBODY, SUE, Person


@pytest.mark.parametrize(
    ("person", "status"),
    [(ADA, 200), (ED, 200), (ART, 200), (CON, 404), (SUE, 404), (NOBODY, 404)],
    ids=lambda p: str(p),
)
def test_who_sees_a_draft(as_: Callable[[Person], PageClient], person: Person, status: int) -> None:
    draft = make_post("Plans", text="Not yet.", state="draft", author=ART)
    db.session.remove()
    answer = as_(person).get(f"/preview/{draft.id}")
    assert answer.status_code == status
    assert (b"Not yet." in answer.data) == (status == 200)
    if status == 200:
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_it_shows_the_newest_draft_of_what_is_live_and_saves_nothing(
    as_: Callable[[Person], PageClient], client: PageClient
) -> None:
    made_id = make_post("A loaf", text="The old words.").id
    with transaction() as session:
        post = session.get_one(Post, made_id)
        changed = working_fields(post).changed(title="A better loaf", body=body_of("The new words."))
        edit_entry(post, changed, by=system_user())
    db.session.remove()
    text = as_(ED).get(f"/preview/{made_id}").get_data(as_text=True)
    assert "The new words." in text
    assert "A better loaf" in text
    assert "Readers do not see this yet" in text
    db.session.remove()
    assert "The old words." in client.get("/posts/a-loaf/").get_data(as_text=True)


def test_pages_have_previews_too(as_: Callable[[Person], PageClient]) -> None:
    page = make_page("Plans", text="Not yet.", state="draft")
    db.session.remove()
    assert b"Not yet." in as_(ED).get(f"/preview/{page.id}").data


@pytest.mark.parametrize("path", ["/preview/999999", "/preview/99999999999999999999", "/preview/x", "/preview/-1"])
def test_what_is_not_there(as_: Callable[[Person], PageClient], path: str) -> None:
    assert as_(ED).get(path).status_code == 404
