"""Categories and tags in the back office."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from cms.content.models import Term
from cms.core.db import current_session
from tests.clients import PageClient
from tests.factories import make_post, make_term
from tests.people import ART, CON, ED, Person

As = Callable[[Person], PageClient]


def paths() -> list[str]:
    """Return the paths of all terms there are now."""
    current_session().expire_all()
    return list(current_session().scalars(select(Term.path).order_by(Term.path)))


def test_editor_makes_moves_and_deletes_categories(app: Flask, as_: As) -> None:
    client = as_(ED)
    client.submit("/admin/categories/new/", {"name": "Walks", "description": "On foot."})
    walks = current_session().scalars(select(Term)).one()
    client.submit("/admin/categories/new/", {"name": "Coast", "parent_id": str(walks.id)})
    assert paths() == ["walks", "walks/coast"]
    client.submit(f"/admin/categories/{walks.id}/", {"name": "Hikes", "slug": "hikes"})
    assert paths() == ["hikes", "hikes/coast"]
    page = client.page(f"/admin/categories/{walks.id}/delete/")
    assert "What lies below it moves up one level" in page.text()
    client.submit(f"/admin/categories/{walks.id}/delete/")
    assert paths() == ["coast"]


def test_list_is_a_tree_with_counts(as_: As) -> None:
    walks = make_term("category", "Walks")
    coast = make_term("category", "Coast", parent=walks)
    make_post("By the sea", terms=(coast,))
    rows = [
        (row.css_first(".mh-row__title").text(strip=True), row.css_first("td.mh-col-num a").text(deep=False).strip())
        for row in as_(ED).page("/admin/categories/").css("tbody tr")
    ]
    assert rows == [("Walks", "0"), ("Coast", "1")]


def test_a_name_is_needed_and_what_was_typed_stays(as_: As) -> None:
    answer = as_(ED).submit("/admin/tags/new/", {"name": "  ", "description": "Kept words"})
    assert answer.status_code == 422
    assert "A term needs a name." in answer.get_data(as_text=True)
    assert "Kept words" in answer.get_data(as_text=True)


def test_a_category_does_not_lie_below_itself(app: Flask, as_: As) -> None:
    walks = make_term("category", "Walks")
    coast = make_term("category", "Coast", parent=walks)
    client = as_(ED)
    page = client.page(f"/admin/categories/{walks.id}/")
    assert [option.attributes["value"] for option in page.css("[name=parent_id] option")] == [""]
    answer = client.submit(f"/admin/categories/{walks.id}/", {"parent_id": str(coast.id)})
    assert answer.status_code == 422
    assert "A category cannot lie below itself." in answer.get_data(as_text=True)


def test_a_stale_save_answers_409(app: Flask, as_: As) -> None:
    term = make_term("tag", "Bread")
    version = as_(ED).page(f"/admin/tags/{term.id}/").css_first("[name=version]").attributes["value"]
    as_(ED).submit(f"/admin/tags/{term.id}/", {"name": "Loaf"})
    answer = as_(ED).submit(f"/admin/tags/{term.id}/", {"name": "Bun", "version": version})
    assert answer.status_code == 409
    assert "Somebody else saved this in the meantime." in answer.get_data(as_text=True)
    assert 'value="Bun"' in answer.get_data(as_text=True)


def test_tags_are_no_categories(as_: As) -> None:
    tag = make_term("tag", "Bread")
    assert as_(ED).get(f"/admin/categories/{tag.id}/").status_code == 404


def test_author_makes_terms_but_changes_none(as_: As) -> None:
    term = make_term("tag", "Bread")
    assert as_(ART).get("/admin/tags/").status_code == 404
    assert as_(ART).get(f"/admin/tags/{term.id}/").status_code == 404
    assert as_(ART).get("/admin/tags/new/").status_code == 200
    assert as_(CON).get("/admin/tags/new/").status_code == 404


def test_script_is_told_names_that_fit(as_: As) -> None:
    for name in ("Harbour", "Old harbour", "Bread"):
        make_term("tag", name)
    assert as_(CON).get("/admin/tags/suggest.json?q=HARB").get_json() == {"items": ["Harbour", "Old harbour"]}
