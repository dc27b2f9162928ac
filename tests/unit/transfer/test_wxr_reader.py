"""WordPress exports are read as a stream; what no export holds is refused in one sentence."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from cms.transfer.errors import SourceError
from cms.transfer.wordpress.elements import ElementReader
from cms.transfer.wordpress.reader import read_items
from cms.transfer.wordpress.records import Item, checksum
from cms.transfer.wordpress.survey import survey_export
from tests import needs as machine
from tests.factories.wxr import write_wxr, wxr, wxr_author, wxr_category, wxr_item


def items(path: Path) -> list[Item]:
    return list(read_items(ElementReader(path)))


def refused(path: Path) -> str:
    with pytest.raises(SourceError) as caught:
        survey_export(path)
    return str(caught.value)


def test_an_item_is_read_whole(tmp_path: Path) -> None:
    path = write_wxr(
        tmp_path,
        wxr_item(
            7,
            "  <p>Words]]> and more</p>\n",
            title="A & B",
            fields={
                "wp:is_sticky": "1",
                "wp:post_password": "open sesame",
                "wp:menu_order": "3",
                "wp:post_parent": "0",
            },
            meta=[("_thumbnail_id", "9"), ("colour", "red"), ("colour", "blue")],
            terms=[("category", "news", "News &amp; views"), ("post_tag", "news", "News")],
            comments=[{"comment_id": "3", "comment_author": "Sam", "comment_content": "Hm.", "comment_parent": "2"}],
        ),
    )
    (item,) = items(path)
    assert (item.source_id, item.kind, item.status, item.title) == ("7", "post", "publish", "A & B")
    assert item.content == "  <p>Words]]> and more</p>\n"
    assert (item.sticky, item.password, item.menu_order, item.parent_id) == (True, "open sesame", "3", "")
    assert item.meta_value("colour") == "blue"
    assert [(term.taxonomy, term.slug, term.name) for term in item.terms] == [
        ("category", "news", "News &amp; views"),
        ("post_tag", "news", "News"),
    ]
    assert [(remark.source_id, remark.author_name, remark.parent_id) for remark in item.remarks] == [("3", "Sam", "2")]


def test_a_survey_knows_everything_but_the_texts(tmp_path: Path) -> None:
    path = write_wxr(
        tmp_path,
        wxr_author("nora", mail="nora@old.example", name="Nora"),
        wxr_category("news", "News"),
        wxr_category("local", "Local", parent="news"),
        wxr_item(1, "words", terms=[("post_tag", "late", "Late")]),
        wxr_item(2, kind="attachment", status="inherit", fields={"wp:attachment_url": "https://old.example/a.png"}),
        wxr_item(3, "<p>shared</p>", kind="wp_block"),
        wxr_item(4, kind="nav_menu_item"),
    )
    survey = survey_export(path)
    assert (survey.site.title, survey.site.url, survey.site.version) == ("The old blog", "https://old.example", "1.2")
    assert survey.authors["nora"].mail == "nora@old.example"
    assert survey.terms["category", "local"].parent == "news"
    assert survey.terms["post_tag", "late"].name == "Late"
    assert list(survey.entries) == ["1"]
    assert survey.attachments["2"].url == "https://old.example/a.png"
    assert survey.patterns == {"3": "<p>shared</p>"}
    assert survey.kinds == {"post": 1, "attachment": 1, "wp_block": 1, "nav_menu_item": 1}


def test_characters_that_xml_forbids_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    text = wxr(wxr_item(1, "a\x0bb\x00c &#11; d")).replace(
        "<title>The old blog", "<title>The &#11;old&#xD800; &#x41;blog"
    )
    path.write_bytes(text.encode().replace(b"Entry 1", b"Entr\xffy 1"))
    survey = survey_export(path)
    assert survey.site.title == "The old Ablog"
    assert survey.stripped == 5
    (item,) = items(path)
    assert item.content == "abc &#11; d", "inside CDATA a reference is only text"
    assert item.title == "Entry 1"


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("ISO-8859-1", "latin-1"), ("windows-1252", "cp1252"), ("utf-8", "utf-8"), ("UTF-16", "utf-8")],
)
def test_older_encodings_are_read(tmp_path: Path, declared: str, codec: str) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes(wxr(wxr_item(1, "Zoë")).replace("UTF-8", declared).encode(codec))
    assert items(path)[0].content == "Zoë"


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_believed(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes(wxr(wxr_item(1, "Zoë")).encode(codec))
    assert items(path)[0].content == "Zoë"


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_where_a_chunk_ends_does_not_matter(tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_wxr(tmp_path, wxr_item(1, "Zoë ]]> &#11; &amp; 👩‍🚒 ]] ]"), wxr_category("a", "A &amp; B"))
    expected = items(path)
    monkeypatch.setattr("cms.transfer.wordpress.elements.CHUNK", size)
    assert items(path) == expected


BOMB = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
DECLARATIONS = [
    BOMB,
    '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE rss [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>',
    '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
    '<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd">',
    "<!DOCTYPE rss>",
]


@pytest.mark.parametrize("declaration", DECLARATIONS)
def test_declarations_are_refused_unread(tmp_path: Path, declaration: str) -> None:
    path = tmp_path / "export.xml"
    path.write_text(wxr(wxr_item(1, "x")).replace("<rss", declaration + "\n<rss", 1), encoding="utf-8")
    assert refused(path) == "The file declares a document type, which no WordPress export does. Nothing was imported."


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (("</channel>", ""), 26),
        (("<title>The old blog", "<title>The <b>old blog"), 8),
        (("<title>The old blog", "<title>The &nope; blog"), 8),
        (("<title>The old blog", "<title>The & blog"), 8),
    ],
)
def test_malformed_xml_is_refused_with_its_line(tmp_path: Path, change: tuple[str, str], line: int) -> None:
    path = tmp_path / "export.xml"
    path.write_text(wxr(wxr_item(1, "x")).replace(*change), encoding="utf-8")
    sentence = refused(path)
    assert sentence.startswith(f"The file is not well-formed XML: line {line}, ")
    assert sentence.endswith(". Nothing was imported.")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"\x00" * 5000, b"{}", "<html>".encode("utf-16")])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes(content)
    assert "not well-formed XML" in refused(path)


@pytest.mark.parametrize("version", ["0.9", "1.3", "2.0", "abc", "1.2 "])
def test_only_known_versions_are_read(tmp_path: Path, version: str) -> None:
    path = write_wxr(tmp_path, wxr_item(1, "x"), version=version)
    if version.strip() == "1.2":
        assert survey_export(path).site.version == "1.2"
    else:
        assert f"version “{version}”" in refused(path)


def test_a_feed_without_a_version_is_no_export(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(
        "<rss><channel><title>News</title><item><title>One</title></item></channel></rss>", encoding="utf-8"
    )
    assert "does not say its WXR version" in refused(path)


def test_an_item_beyond_measure_is_refused(tmp_path: Path) -> None:
    path = write_wxr(tmp_path, wxr_item(1, "x" * 17_000_000))
    assert "One item of the file is larger" in refused(path)


def test_many_small_elements_in_one_item_are_refused(tmp_path: Path) -> None:
    path = write_wxr(tmp_path, "<item>" + "<category/>" * 100_000 + "</item>")
    assert "One item of the file is larger" in refused(path)


def test_deep_nesting_is_passed_over(tmp_path: Path) -> None:
    deep = "<x>" * 200_000 + "</x>" * 200_000
    path = write_wxr(tmp_path, wxr_item(1, "kept").replace("</item>", deep + "</item>"))
    assert items(path)[0].content == "kept"


def test_the_checksum_tells_any_change(tmp_path: Path) -> None:
    one, other = (items(write_wxr(tmp_path, wxr_item(1, text)))[0] for text in ("a", "b"))
    assert checksum(one) != checksum(other)
    assert re.fullmatch("[0-9a-f]{64}", checksum(one))


@machine.needs("data")
def test_every_shared_export_is_read_as_other_programs_read_it() -> None:
    folder = Path(machine.get("data"))
    for name, expected in json.loads((folder / "wxr/expected.json").read_text(encoding="utf-8")).items():
        path = folder / name
        if not expected["well_formed"] or expected["ver"] not in ("1.0", "1.1", "1.2"):
            assert refused(path)
            continue
        survey_export(path)
        found = items(path)
        counts = {
            "items": len(found),
            "types": dict(Counter(item.kind for item in found)),
            "status": dict(Counter(item.status for item in found)),
            "comment": sum(len(item.remarks) for item in found),
            "postmeta": sum(len(item.meta) for item in found),
        }
        assert counts == {key: expected.get(key, 0) for key in counts}, name
