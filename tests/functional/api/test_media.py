"""Media files for programs: the guards, rights and rules of the back office, whatever is sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cms.accounts.actions.edit_profile import edit_profile
from cms.core.db import current_session, transaction
from cms.media.models import MediaFile
from tests import needs
from tests.factories import make_post, user
from tests.factories.media import PDF, make_media, picture
from tests.functional.api.client import ApiClient, not_there
from tests.functional.api.tokens import program_of
from tests.people import ADA, ART, CON, ED, EVERYBODY, NOBODY, SUE, Person

As = Callable[[Person], ApiClient]
#: Pictures that are kept, as the table of foreign ones calls them.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")


def count() -> int:
    return current_session().scalar(select(func.count()).select_from(MediaFile)) or 0


def kept(app: Flask) -> list[Path]:
    return sorted(path for path in Path(app.config["CMS_UPLOADS"]).rglob("*") if path.is_file())


def send(client: ApiClient, data: bytes, name: str = "quay.jpg", **texts: str) -> TestResponse:
    return client.post("/media", data={"file": (io.BytesIO(data), name), **texts})


def test_an_upload_is_taken_described_and_found_where_its_location_says(app: Flask, api_as: As) -> None:
    answer = send(api_as(ART), picture(800, 600), "Quay Street.jpg", alt=" A\n quay ", caption="In March")
    assert answer.status_code == 201, answer.text
    made = answer.json
    media = current_session().get_one(MediaFile, made["id"])
    base = f"http://localhost/media/{media.key}"
    assert made == {
        "id": media.id, "url": f"{base}/Quay-Street.jpg", "filename": "Quay-Street.jpg", "kind": "image",
        "media_type": "image/jpeg", "bytes": media.bytes, "width": 800, "height": 600, "animated": False,
        "alt": "A quay", "caption": "In March", "version": 1, "binned_at": None,
        "variants": [{"url": f"{base}/360.webp", "width": 360}, {"url": f"{base}/480.webp", "width": 480}],
        "uploaded_by": {"id": user(ART).id, "name": "Art"},
        "created_at": media.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": media.updated_at.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    again = api_as(ART).get(answer.headers["Location"].removeprefix("http://localhost"))
    assert (again.json, again.headers["ETag"]) == (made, answer.headers["ETag"])
    assert [path.name for path in kept(app)] == [f"{media.key}.jpg"]


def test_what_is_no_picture_has_no_size_and_no_alt_text(app: Flask, api_as: As) -> None:
    made = send(api_as(ED), PDF, "minutes.pdf", caption="Of May").json
    assert (made["kind"], made["width"], made["variants"], made["caption"]) == ("document", None, [], "Of May")
    answer = send(api_as(ED), PDF, "minutes.pdf", alt="A page")
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["alt"])
    assert list(api_as(ED).patch(f"/media/{made['id']}", json={"alt": "A page"}).json["errors"]) == ["alt"]
    assert (len(kept(app)), count()) == (1, 1)


REFUSED = [
    (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png", "SVG can hold scripts"),
    (b"<html><script>alert(1)</script>", "a.jpg", "web page"),
    (b"MZ" + bytes(100), "a.exe", "program"),
    (b"", "a.jpg", "empty"),
    (picture()[:300], "a.jpg", "damaged"),
    (b"BM" + bytes(100), "a.bmp", "do not show BMP"),
]


def test_what_is_not_taken_is_refused_in_a_sentence_and_leaves_nothing(app: Flask, api_as: As) -> None:
    for data, filename, words in REFUSED:
        answer = send(api_as(ART), data, filename)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["file"])
        assert words in answer.json["errors"]["file"][0]
    assert (kept(app), count()) == ([], 0)


def _foreign() -> list[dict[str, str]]:
    with Path(needs.get("data"), "images", "expected.tsv").open(encoding="utf-8") as table:
        return list(csv.DictReader(table, delimiter="\t"))


@needs.needs("data")
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_every_foreign_picture_is_upright_or_refused_in_a_sentence(app: Flask, api_as: As) -> None:
    folder, client, taken, wrong = Path(needs.get("data"), "images"), api_as(ART), 0, []
    for row in _foreign():
        path = folder / row["file"]
        answer = send(client, path.read_bytes(), path.name)
        told = answer.json
        if answer.status_code == 201:
            taken += 1
            as_meant = f"{told['width']}x{told['height']}" == row["upright"] and told["kind"] == "image"
        else:
            sentence = told["errors"].get("file", [""])[0]
            # What others can read and we keep must be taken.
            refused = row["pillow"] != "ok" or row["format"] not in FORMATS
            as_meant = answer.status_code == 422 and sentence.startswith("Not taken: ") and refused
        if not as_meant:
            wrong.append((row["file"], answer.status_code, answer.text))
    assert wrong == []
    assert taken > 140
    assert (len(kept(app)), count()) == (taken, taken)


def test_a_form_that_is_none_of_ours_is_named_and_leaves_nothing(app: Flask, api_as: As) -> None:
    def file() -> tuple[io.BytesIO, str]:
        return io.BytesIO(picture()), "a.jpg"

    forms: list[tuple[dict[str, Any], str]] = [
        ({}, "file"), ({"file": "no file"}, "file"), ({"file": (io.BytesIO(b""), "")}, "file"),
        ({"picture": file()}, "file"), ({"file": [file(), file()]}, "file"),
        ({"file": file(), "alt": "x" * 1001}, "alt"), ({"file": file(), "caption": "x" * 2001}, "caption"),
        ({"file": file(), "alt": "a\0b"}, "alt"), ({"file": file(), "alt": ["a", "b"]}, "alt"),
        ({"file": file(), "uploaded_by_id": "1"}, "uploaded_by_id"), ({"file": file(), "id": "1"}, "id"),
        ({"file": file(), "key": "0" * 32}, "key"), ({"file": file(), "filename": "x.php"}, "filename"),
    ]  # fmt: skip
    for data, name in forms:
        answer = api_as(ART).post("/media", data=data, content_type="multipart/form-data")
        assert (answer.status_code, name in answer.json["errors"]) == (422, True), answer.text
    assert (kept(app), count()) == ([], 0)


def test_files_come_in_forms(app: Flask, api_as: As) -> None:
    for body, kind in ((b"{}", "application/json"), (picture(), "image/jpeg"), (b"file=x", None), (b"", "text/html")):
        answer = api_as(ART).post("/media", data=body, content_type=kind)
        assert (answer.status_code, answer.json["code"]) == (415, "unsupported_media_type")
    broken = api_as(ART).post("/media", data=b"no boundary", content_type="multipart/form-data")
    assert broken.status_code in (400, 422)
    assert (kept(app), count()) == ([], 0)


def _send_twice(app: Flask, client: ApiClient) -> None:
    headers = {"Idempotency-Key": "quay"}

    def again(data: bytes) -> TestResponse:
        return client.post("/media", data={"file": (io.BytesIO(data), "quay.jpg")}, headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _number: again(picture()), range(4)))
    # Who comes while the first is at work is asked to wait.
    assert {answer.status_code for answer in answers} <= {201, 409}
    late = again(picture())
    assert (late.status_code, late.headers["Idempotency-Replayed"]) == (201, "true")
    assert {answer.json["id"] for answer in answers if answer.status_code == 201} == {late.json["id"]}
    assert again(picture(50, 50)).status_code == 422
    assert (len(kept(app)), count()) == (1, 1)
    refused = client.post("/media", data={"file": (io.BytesIO(b"MZ"), "a.exe")}, headers={"Idempotency-Key": "exe"})
    assert (refused.status_code, len(kept(app))) == (422, 1)


def test_what_is_sent_twice_is_kept_once(app: Flask, api_as: As) -> None:
    _send_twice(app, api_as(ART))


@needs.needs("postgres")
def test_what_is_sent_twice_is_kept_once_on_postgres(make_app: Callable[..., Flask], postgres_url: str) -> None:
    app = make_app(CMS_DATABASE_URL=postgres_url)
    with app.app_context():
        _send_twice(app, ApiClient(app).sign_in(ART))


def test_too_much_is_not_read(make_app: Callable[..., Flask]) -> None:
    app = make_app(CMS_MAX_UPLOAD_BYTES="64K")
    with app.app_context():
        client = ApiClient(app).sign_in(ART)
        assert send(client, PDF + bytes(65_536 - len(PDF)), "fits.pdf").status_code == 201
        answer = send(client, PDF + bytes(65_536), "big.pdf")
        assert (answer.status_code, answer.json["code"]) == (413, "too_large")
        assert "at most 64 KB" in answer.json["detail"]
        # Beyond what a form around such a file can be, nobody reads on.
        body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="huge.pdf"\r\n\r\n' + bytes(10_000_000)
        answer = client.post("/media", data=body, content_type="multipart/form-data; boundary=x")
        assert answer.status_code == 413
        assert len(kept(app)) == count() == 1
        assert client.patch("/media/1", data=b" " * 70_000, content_type="application/json").status_code == 413


def test_each_may_what_they_may_in_the_back_office(app: Flask, api_as: As) -> None:
    hers, his = make_media(by=user(ED), alt="Hers").id, make_media(by=user(ART), alt="His").id

    def told(person: Person) -> tuple[int, ...]:
        client = api_as(person)
        return (
            client.get("/media").status_code,
            send(client, b"no picture").status_code,
            *[client.get(f"/media/{key}").status_code for key in (hers, his)],
            *[client.patch(f"/media/{key}", json={"caption": person.name}).status_code for key in (hers, his)],
            *[client.delete(f"/media/{key}").status_code for key in (hers, his)],
            *[client.delete(f"/media/{key}?permanently=true").status_code for key in (his,)],
            *[client.post(f"/media/{key}/restore").status_code for key in (hers, his)],
        )

    everything = (200, 422, 200, 200, 200, 200, 204, 204, 204, 200, 404)
    expected = {
        NOBODY: (401, 401, 404, 404, *[401] * 7), SUE: (403, 403, 404, 404, *[403] * 7),
        # Con chooses from all files.
        CON: (200, 403, 200, 200, *[403] * 7),
        ART: (200, 422, 200, 200, 403, 200, 403, 204, 403, 403, 200),
        ED: everything,
    }  # fmt: skip
    assert {person.name: told(person) for person in expected} == {
        person.name: answers for person, answers in expected.items()
    }
    his = make_media(by=user(ART)).id
    assert told(ADA) == everything


def test_a_token_does_no_more_than_it_names(app: Flask) -> None:
    media_id = make_media(by=user(ART)).id
    program = program_of(app, ED, "media:file:upload")
    assert send(program, picture()).status_code == 201
    told = [
        program.get("/media"), program.get(f"/media/{media_id}"), program.patch(f"/media/{media_id}", json={}),
        program.delete(f"/media/{media_id}"),
    ]  # fmt: skip
    assert [answer.status_code for answer in told] == [403, 404, 403, 403]
    # Whoever may change files sees those that are theirs, and no others without the list.
    changing = program_of(app, ED, "media:file:edit", "media:file:delete")
    assert changing.patch(f"/media/{media_id}", json={"alt": "A quay"}).status_code == 404
    assert changing.delete(f"/media/{media_id}").status_code == 404


def test_readers_know_what_pages_show_them_and_no_more(app: Flask, api_as: As) -> None:
    shown, hidden = make_media(by=user(ED), alt="A quay"), make_media("draft.jpg", by=user(ED))
    members, mine = make_media("members.jpg", by=user(ED)), make_media("portrait.jpg", by=user(ART))
    locked = make_media("locked.jpg", by=user(ED))
    make_post("With a picture", featured_media_id=shown.id)
    make_post("In the making", state="draft", featured_media_id=hidden.id, author=CON)
    make_post("For members", visibility="members", featured_media_id=members.id)
    make_post("Locked", visibility="password", password_hash="x", featured_media_id=locked.id)
    with transaction():
        edit_profile(user(ART), {"picture_id": mine.id}, by=user(ART))
    ids = {media.filename: media.id for media in (shown, hidden, members, mine, locked)}
    found = {
        person.name: {name for name, key in ids.items() if api_as(person).get(f"/media/{key}").status_code == 200}
        for person in EVERYBODY
    }
    public, everything = {"harbour.jpg", "portrait.jpg"}, set(ids)
    assert found == {
        "Nobody": public, "Sue": {*public, "members.jpg"}, "Con": everything, "Art": everything, "Ed": everything,
        "Ada": everything,
    }  # fmt: skip
    read = api_as(NOBODY).get(f"/media/{ids['harbour.jpg']}")
    assert set(api_as(ED).get(f"/media/{ids['harbour.jpg']}").json) - set(read.json) == {
        "updated_at", "version", "uploaded_by", "binned_at"
    }  # fmt: skip
    assert "." not in read.headers["ETag"]
    api_as(ED).delete(f"/media/{ids['harbour.jpg']}")
    assert api_as(NOBODY).get(f"/media/{ids['harbour.jpg']}").status_code == 404
    # The picture of Art is for everybody to see, and for Art and editors to change.
    assert api_as(CON).patch(f"/media/{ids['portrait.jpg']}", json={"alt": "Con"}).status_code == 403


def test_a_list_is_narrowed_sorted_and_walked_through(app: Flask, api_as: As) -> None:
    first = make_media("b.jpg", picture(80, 60), by=user(ART), alt="At noon")
    make_media("a.jpg", by=user(ED))
    make_media("c.pdf", PDF, by=user(ED))
    binned = make_media("d.jpg", by=user(ED)).id
    api_as(ED).delete(f"/media/{binned}")

    def found(query: str) -> str:
        return "".join(item["filename"][0] for item in api_as(CON).get(f"/media?{query}").json["items"])

    expected = {
        "": "cab", "sort=filename": "abc", "sort=-filename": "cba", "sort=bytes": "cab", "search=noon": "b",
        "kind=document": "c", "kind=video": "", f"uploaded_by={user(ART).id}": "b", "without_alt=true": "a",
        "binned=true": "d", "per_page=2&page=2": "b", "page=9": "", "binned=false&kind=image": "ab",
    }  # fmt: skip
    assert {query: found(query) for query in expected} == expected
    page = api_as(CON).get("/media?per_page=2&kind=image&fields=filename").json
    assert page["items"][1] == {"id": first.id, "filename": "b.jpg"}
    assert (page["total"], page["pages"], page["next"]) == (2, 1, None)
    page = api_as(CON).get("/media?per_page=2").json
    make_media("new.jpg", by=user(ED))
    second = api_as(CON).get(page["next"].removeprefix("http://localhost")).json
    assert [item["filename"] for item in second["items"]] == ["b.jpg"]
    back = api_as(CON).get(second["prev"].removeprefix("http://localhost")).json
    assert [item["filename"] for item in back["items"]] == ["c.pdf", "a.jpg"]


def test_what_a_list_is_not_asked_by_is_named(app: Flask, api_as: As) -> None:
    for query, name in (
        ("sort=key", "sort"), ("sort=sha256", "sort"), ("sort=uploaded_by", "sort"), ("key=x", "key"),
        ("sha256=x", "sha256"), ("uploaded_by.email=x", "uploaded_by.email"), ("uploaded_by=me", "uploaded_by"),
        ("kind=program", "kind"), ("fields=sha256", "fields"), ("fields=uploaded_by.email", "fields"),
        ("include=uploaded_by", "include"), (f"page={2**63}", "page"), ("per_page=0", "per_page"),
        ("cursor=", "cursor"), ("binned=maybe", "binned"), ("deleted_at=x", "deleted_at"),
    ):  # fmt: skip
        answer = api_as(CON).get(f"/media?{query}")
        assert (query, answer.status_code, list(answer.json["errors"])) == (query, 422, [name])
    assert not_there(api_as(CON).get("/media?cursor=x")) == {"cursor"}


def test_rows_cost_no_questions(app: Flask, api_as: As, count_queries: Any) -> None:
    def questions(path: str) -> int:
        api_as(ED).get(path)
        with count_queries() as asked:
            assert api_as(ED).get(path).status_code == 200
        return len(asked)

    media = make_media(by=user(ART))
    few = questions("/media?per_page=100")
    for number in range(20):
        make_media(f"{number}.jpg", by=user((ADA, ED, ART)[number % 3]))
    assert questions("/media?per_page=100") == few <= 6
    assert questions(f"/media/{media.id}") <= 6


def test_what_is_said_about_a_file_changes_and_its_bytes_do_not(app: Flask, api_as: As) -> None:
    media = make_media(by=user(ART), alt="A quay", caption="In March")
    address, before = f"/media/{media.id}", kept(app)[0].read_bytes()
    told = api_as(ART).patch(address, json={"filename": "../shell.php", "caption": " Low  tide "}).json
    assert (told["filename"], told["caption"], told["alt"]) == ("shell-php.jpg", "Low tide", "A quay")
    assert told["url"].endswith(f"/{media.key}/shell-php.jpg")
    assert api_as(ART).patch(address, json={"alt": ""}).json["alt"] == ""
    same = api_as(ART).get(address).headers["ETag"]
    assert api_as(ART).patch(address, json={}).headers["ETag"] == same
    assert kept(app)[0].read_bytes() == before


def test_what_cannot_be_taken_is_named_and_changes_nothing(app: Flask, api_as: As) -> None:
    address = f"/media/{make_media(by=user(ED), alt='A quay').id}"
    shown = api_as(ED).get(address).json
    for sent in (
        {"id": 1}, {"key": "0" * 32}, {"uploaded_by": 1}, {"uploaded_by_id": 1}, {"url": "/"}, {"bytes": 1},
        {"version": 1}, {"media_type": "text/html"}, {"kind": "document"}, {"deleted_at": None}, {"binned_at": None},
        {"alt": None}, {"alt": 7}, {"alt": "x" * 1001}, {"caption": "x" * 2001}, {"filename": ""},
        {"filename": "x" * 201},
    ):  # fmt: skip
        answer = api_as(ED).patch(address, json=sent)
        assert (answer.status_code, list(answer.json["errors"])) == (422, list(sent)), answer.text
    assert api_as(ED).get(address).json == shown


def test_a_file_goes_through_the_bin_and_back_or_for_good(app: Flask, api_as: As) -> None:
    media_id = make_media(by=user(ART), alt="A quay").id
    address, art = f"/media/{media_id}", api_as(ART)
    too_early = api_as(ED).delete(f"{address}?permanently=true")
    assert (too_early.status_code, "in the bin" in too_early.json["detail"]) == (409, True)
    assert [art.delete(address).status_code for _twice in range(2)] == [204, 204]
    assert art.get(address).json["binned_at"] is not None
    refused = art.patch(address, json={"alt": "New"})
    assert (refused.status_code, refused.json["code"]) == (409, "wrong_state")
    assert api_as(CON).patch(address, json={"alt": "New"}).status_code in (403, 404)
    assert art.post(f"{address}/restore").json["binned_at"] is None
    assert art.post(f"{address}/restore", json={}).status_code == 200
    assert list(art.post(f"{address}/restore", json={"binned_at": None}).json["errors"]) == ["binned_at"]
    art.delete(address)
    assert art.delete(f"{address}?permanently=true").status_code == 403
    assert api_as(ED).delete(f"{address}?permanently=true").status_code == 204
    assert (kept(app), count()) == ([], 0)
    for answer in (art.get(address), art.delete(address), art.post(f"{address}/restore"), art.patch(address, json={})):
        assert answer.status_code == 404
    for key in (0, 2**31, 2**53, 2**63, 2**70):
        assert art.get(f"/media/{key}").status_code == 404


def test_a_change_of_an_old_version_changes_nothing(app: Flask, api_as: As) -> None:
    address = f"/media/{make_media(by=user(ED)).id}"
    old = {"If-Match": api_as(ED).get(address).headers["ETag"]}
    assert api_as(ED).patch(address, json={"alt": "First"}, headers=old).status_code == 200
    for answer in (
        api_as(ADA).patch(address, json={"alt": "Second"}, headers=old),
        api_as(ADA).delete(address, headers=old),
        api_as(ADA).post(f"{address}/restore", headers=old),
    ):
        assert (answer.status_code, answer.json["code"]) == (412, "old_version")
    told = api_as(ADA).get(address).json
    assert (told["alt"], told["binned_at"]) == ("First", None)


def test_several_are_changed_each_by_itself(app: Flask, api_as: As) -> None:
    his, hers = make_media(by=user(ART)).id, make_media(by=user(ED)).id
    sent = [
        {"id": his, "alt": "A quay"},
        {"id": hers, "alt": "His"},
        {"id": his, "alt": "Late", "version": 1},
        {"id": 99},
    ]
    results = api_as(ART).patch("/media", json={"items": sent}).json["results"]
    assert [item["status"] for item in results] == [200, 403, 412, 404]
    assert (results[0]["item"]["alt"], results[1]["problem"]["code"]) == ("A quay", "forbidden")
    assert api_as(ART).get(f"/media/{his}").json["alt"] == "A quay"
    refused = api_as(ART).patch("/media", json={"items": [{"id": his, "bytes": 1}]})
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["items.0.bytes"])
    assert [api_as(person).patch("/media", json={}).status_code for person in (NOBODY, CON)] == [401, 403]


def test_no_mail_address_is_told(app: Flask, api_as: As) -> None:
    media = make_media(by=user(ART))
    for path in ("/media", f"/media/{media.id}"):
        assert "@" not in api_as(ADA).get(path).text
    head = api_as(ADA).head("/media")
    assert (head.status_code, head.get_data()) == (200, b"")
