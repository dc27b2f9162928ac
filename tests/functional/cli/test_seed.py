"""The demo site."""

from flask import Flask
from sqlalchemy import func, select

from cms.accounts.models import User
from cms.cli.seed import seed_new_site
from cms.content.models import Entry
from cms.extensions import db
from cms.media.models import MediaFile
from cms.settings.queries import get_settings
from tests.clients import PageClient
from tests.factories import make_post


def counts() -> tuple[int, ...]:
    return tuple(db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Entry, MediaFile, User))


def test_demo_site_can_be_read(app: Flask, client: PageClient) -> None:
    done = app.test_cli_runner().invoke(args=["seed"])
    assert done.output == "The demo site is there.\n"
    assert get_settings().name == "The Harbour Notebook"
    readable = db.session.scalars(
        select(Entry.address).where(Entry.state == "published", Entry.visibility == "public")
    ).all()
    assert len(readable) == 9
    for address in (*readable, "/", "/category/walks/", "/category/walks/coast/", "/tag/harbour/"):
        assert client.get(str(address)).status_code == 200, address


def test_demo_post_shows_every_block_and_nothing_raw(app: Flask, client: PageClient) -> None:
    app.test_cli_runner().invoke(args=["seed"])
    page = client.page("/posts/two-hours-at-low-water/")
    kinds = (
        "figure img", "ul.gallery", "table", "figure.code", "ul.task-list", "dl", "blockquote", ".verse", ".callout",
        ".columns", "details.fold", ".embed", "audio", ".media-card.file", ".footnotes", ".btn", ".page-break",
        "ol[start]", "mark", "kbd", "hr",
    )  # fmt: skip
    assert [kind for kind in kinds if page.css_first(f".prose {kind}") is None] == []
    assert all(image.attributes.get("alt") for image in page.css(".prose img"))


def test_second_time_adds_nothing(app: Flask) -> None:
    runner = app.test_cli_runner()
    runner.invoke(args=["seed"])
    before = counts()
    assert runner.invoke(args=["seed"]).exit_code == 0
    assert counts() == before


def test_site_with_an_entry_gets_no_demo(app: Flask) -> None:
    make_post()
    before = counts()
    seed_new_site()
    assert counts() == before


def test_nobody_can_sign_in_as_somebody_of_the_demo(app: Flask) -> None:
    app.test_cli_runner().invoke(args=["seed"])
    invented = db.session.scalars(select(User).where(User.email.endswith("@demo.example.com"))).all()
    assert len(invented) == 5
    assert all(user.password is None and not user.active for user in invented)
    assert all(role.name != "admin" for user in invented for role in user.roles)
