"""Real exports: each is taken or refused as other programs suggest, and every published entry reads as it did."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from cms.content.models import Entry
from cms.core.db import current_session
from cms.lib.document import raw_blocks
from tests import needs
from tests.clients import PageClient
from tests.functional.cli.conftest import Import, everything
from tests.imports import exports, published
from tests.words import INSTRUCTION, first_lost, source_words

RAW = tomllib.loads((Path(__file__).parent / "raw_blocks.toml").read_text("utf-8"))
TAKEN = [name for name, taken in exports().items() if taken]
REFUSED = [name for name, taken in exports().items() if not taken]
FOREIGN = re.compile(r"""<(?:img|source|video|audio|iframe)[^>]*\s(?:src|srcset|poster)=["'](?:https?:)?//""")


def _weighed(name: str) -> object:
    big = Path(needs.get("data"), name).stat().st_size > 500_000
    return pytest.param(name, marks=pytest.mark.long if big else ())


@needs.needs("data")
@pytest.mark.parametrize("name", [_weighed(name) for name in TAKEN])
def test_a_real_site_reads_as_it_did(run_import: Import, client: PageClient, name: str) -> None:
    path = Path(needs.get("data"), name)
    run_import(path=path, options=("--media", str(path.parent)))
    raw = set()
    for entry in published(path):
        answer = client.get(entry.address)
        assert answer.status_code == 200, (entry.title, entry.address)
        assert FOREIGN.search(answer.text) is None, entry.title
        body = LexborHTMLParser(answer.text).css_first(".prose")
        assert first_lost(source_words(entry.item.content), body.text()) is None, entry.title
        for code in body.css("pre, code"):
            code.decompose()
        assert INSTRUCTION.search(body.text()) is None, entry.title
        if raw_blocks(current_session().get_one(Entry, entry.entry_id).body):
            raw.add(entry.title)
    assert raw == set(RAW.get(name, {}))


@needs.needs("data")
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sound_export_is_refused_in_one_sentence(run_import: Import, name: str) -> None:
    before = everything()
    result = run_import(path=Path(needs.get("data"), name), exit_code=1)
    assert result.output.splitlines()[-1].endswith("Nothing was imported.")
    assert everything() == before


@pytest.mark.long
@needs.needs("data")
def test_all_sites_live_in_one_house_and_a_second_run_changes_nothing(run_import: Import, client: PageClient) -> None:
    folder = Path(needs.get("data"))
    for name in TAKEN:
        run_import(path=folder / name, options=("--media", str((folder / name).parent)))
    before = everything()
    for name in TAKEN:
        # Two of the exports are of one site at two times: the later one has the last word, the earlier is old news.
        if not name.endswith(("slashes.xml", "small-export.xml")):
            run_import(path=folder / name, options=("--media", str((folder / name).parent)))
    assert everything() == before
    assert client.get("/").status_code == 200
