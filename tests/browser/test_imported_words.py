"""What Chromium shows of an imported entry: every word its readers saw before, in order, and no instructions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import needs
from tests.browser.conftest import Site, Window
from tests.imports import exports, published, size
from tests.words import INSTRUCTION, first_lost, source_words

#: Each file of more than 500 KB has a hundred entries: minutes of a browser.
TAKEN = [
    pytest.param(name, marks=[pytest.mark.long] if size(name) > 500_000 else [])
    for name, taken in exports().items()
    if taken
]
#: The article's words, with everything that can be unfolded unfolded; code apart, which may speak of tags.
SHOWN = """() => {
  const article = document.querySelector('article');
  article.querySelectorAll('details').forEach(fold => { fold.open = true; });
  const all = article.innerText;
  article.querySelectorAll('pre, code').forEach(code => code.remove());
  return [all, article.innerText];
}"""


@needs.needs("data")
@pytest.mark.parametrize("name", TAKEN)
def test_chromium_shows_the_words_of_an_imported_site(site: Site, window: Callable[..., Window], name: str) -> None:
    path = Path(needs.get("data"), name)
    arguments = ["import", "wordpress", str(path), "--media", str(path.parent)]
    result = site.app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    reader = window()
    for entry in published(path):
        answer = reader.open(entry.address)
        assert answer.status == 200, entry.address
        everything, without_code = reader.page.evaluate(SHOWN)
        assert first_lost(source_words(entry.item.content), everything) is None, entry.title
        assert INSTRUCTION.search(without_code) is None, entry.title
