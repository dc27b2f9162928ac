"""Media in the back office: uploads, details, the bin, and what scripts ask."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from cms.core.db import current_session
from cms.media.models import MediaFile
from tests.clients import PageClient
from tests.factories import make_post, user
from tests.factories.media import make_media
from tests.people import ADA, ART, CON, ED, Person

As = Callable[[Person], PageClient]


def picture(colour: str = "red") -> io.BytesIO:
    """Return a small PNG."""
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(stream, "PNG")
    stream.seek(0)
    return stream


def send(
    client: PageClient, stream: io.BytesIO, name: str, path: str = "/admin/media/upload.json", **headers: str
) -> Any:
    """Upload a file as a script does, with the token in a header."""
    token = client.csrf_token("/admin/media/")
    return client.post(path, data={"file": (stream, name)}, headers={"X-CSRFToken": token, **headers})


def count() -> int:
    """Return how many files there are."""
    return current_session().scalar(select(func.count()).select_from(MediaFile)) or 0


def test_script_uploads_a_picture_and_is_told_what_it_needs(app: Flask, as_: As) -> None:
    told = send(as_(ART), picture(), "harbour.png").get_json()
    assert {"id", "url", "alt", "width", "height", "kind", "filename"} <= told.keys()
    assert (told["width"], told["height"], told["kind"], told["filename"]) == (40, 30, "image", "harbour.png")
    with as_(ART).get(told["url"]) as shown:
        assert shown.status_code == 200


def test_what_is_not_taken_is_told_in_a_sentence(app: Flask, as_: As) -> None:
    evil = io.BytesIO(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    answer = send(as_(ART), evil, "evil.svg")
    assert answer.status_code == 422
    assert answer.get_json()["error"]
    assert send(as_(ART), io.BytesIO(b"<script>"), "x.png").status_code == 422
    assert count() == 0


def test_upload_needs_the_right_and_the_token(app: Flask, as_: As) -> None:
    answer = send(as_(CON), picture(), "x.png")
    assert answer.status_code == 403
    assert answer.get_json()["error"]
    bare = as_(ART).post("/admin/media/upload.json", data={"file": (picture(), "x.png")})
    assert bare.status_code == 400
    assert count() == 0


def test_files_are_uploaded_without_scripts(app: Flask, as_: As) -> None:
    client = as_(ED)
    data = {
        "csrf_token": client.csrf_token("/admin/media/"),
        "file": [(picture(), "a.png"), (io.BytesIO(b"MZ"), "b.exe")],
    }
    client.post("/admin/media/upload/", data=data)
    text = client.get("/admin/media/").get_data(as_text=True)
    assert "One file uploaded." in text
    assert "b.exe was not taken." in text
    assert count() == 1


def test_details_are_changed_by_whoever_may(app: Flask, as_: As) -> None:
    media = make_media(by=user(ED))
    client = as_(ED)
    client.submit(
        f"/admin/media/{media.id}/",
        {"alt": "A  harbour", "caption": "At noon", "filename": "noon.png"},
        form=".mh-detail form",
    )
    current_session().expire_all()
    found = current_session().get_one(MediaFile, media.id)
    assert (found.alt, found.caption) == ("A harbour", "At noon")
    assert as_(CON).page(f"/admin/media/{media.id}/").css_first(".mh-detail form") is None
    token = as_(ART).csrf_token("/admin/posts/new/")
    assert as_(ART).post(f"/admin/media/{media.id}/", data={"csrf_token": token, "alt": "Mine"}).status_code == 403


def test_a_stale_save_answers_409(app: Flask, as_: As) -> None:
    media = make_media(by=user(ED), alt="First")
    address = f"/admin/media/{media.id}/"
    version = as_(ED).page(address).css_first(".mh-detail [name=version]").attributes["value"]
    as_(ED).submit(address, {"alt": "Second"}, form=".mh-detail form")
    answer = as_(ED).submit(address, {"alt": "Third", "version": version}, form=".mh-detail form")
    assert answer.status_code == 409
    assert "Third" in answer.get_data(as_text=True)


def test_bin_says_where_a_file_is_used_and_gives_it_back(app: Flask, as_: As) -> None:
    media = make_media(by=user(ED), alt="A harbour")
    make_post("With a picture", featured_media_id=media.id)
    client = as_(ED)
    page = client.page(f"/admin/media/{media.id}/delete/")
    assert "Places that show it will miss it" in page.text()
    assert "With a picture" in page.text()
    client.submit(f"/admin/media/{media.id}/delete/")
    client.submit("/admin/media/?bin=1", form=".mh-toast form")
    assert client.page("/admin/media/").css_first(".mh-tile") is not None


def test_grid_is_narrowed_by_its_address(as_: As) -> None:
    make_media(by=user(ART), alt="At noon")
    make_media(by=user(ED), alt="")
    client = as_(ED)
    expected = {"": 2, "?by=me": 1, "?alt=none": 1, "?q=noon": 1, "?kind=audio": 0, "?kind=x": 2, "?after=zz": 2}
    assert {query: len(client.page(f"/admin/media/{query}").css(".mh-tile")) for query in expected} == expected


def test_picker_lists_files_and_finds_them_by_number(as_: As) -> None:
    media = make_media(by=user(ADA), alt="A harbour")
    client = as_(CON)
    listed = client.get("/admin/media/picker.json?q=harbour&kind=image").get_json()
    assert ([item["id"] for item in listed["items"]], listed["next"]) == ([media.id], None)
    assert client.get("/admin/media/picker.json?kind=video").get_json()["items"] == []
    found = client.get(f"/admin/media/picker.json?ids={media.id},99999").get_json()["items"]
    assert [item["url"] for item in found] == [listed["items"][0]["url"]]
    assert client.get("/admin/media/picker.json?ids=1;drop").status_code == 404
