"""Categories, nested as they were, and tags."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from cms.content.actions.create_term import create_term
from cms.content.addresses import point, term_path
from cms.content.models import Term as OurTerm
from cms.core.db import current_session
from cms.core.errors import Invalid
from cms.core.i18n import _
from cms.lib.slugs import slugify
from cms.transfer.wordpress.addresses import term_addresses
from cms.transfer.wordpress.mapping import plain_text, slug_text, title_text
from cms.transfer.wordpress.records import Term, checksum
from cms.transfer.wordpress.run import WOULD_BE, ImportRun

_KINDS = {"category": "category", "post_tag": "tag"}
#: Taxonomies that say how something is shown or kept, or by whom it is: nothing that readers look for.
_INTERNAL = frozenset({"author", "link_category", "nav_menu", "post_format", "wp_theme"})
_LONGEST_NAME = 200


def import_terms(run: ImportRun) -> None:
    """Find or make each category and tag; a term that is here already at the same place is used as it is."""
    for term in _parents_first(run):
        if term.taxonomy in _KINDS:
            _import_term(run, term)
        elif term.taxonomy not in _INTERNAL:
            reason = _("terms of “%(taxonomy)s”: only categories and tags are known here", taxonomy=term.taxonomy)
            run.report.skip(reason, term.name)


def _parents_first(run: ImportRun) -> Iterator[Term]:
    """Yield the terms, each after its parent; one that lies below itself comes where it is met again."""
    done: set[tuple[str, str]] = set()
    for key in run.survey.terms:
        line: list[tuple[str, str]] = []
        while key in run.survey.terms and key not in done and key not in line:
            line.append(key)
            key = (key[0], run.survey.terms[key].parent)
        for above in reversed(line):
            done.add(above)
            yield run.survey.terms[above]


def _import_term(run: ImportRun, term: Term) -> None:
    key = (term.taxonomy, term.slug)
    record = run.find(f"{term.taxonomy}/{term.slug}")
    if record is not None:
        run.report.unchanged["term"] += 1
        if current_session().get(OurTerm, record.thing_id) is not None:
            run.terms[key] = record.thing_id
        return
    parent_id = run.terms.get((term.taxonomy, term.parent)) if term.taxonomy == "category" else None
    known = _find(term, parent_id)
    run.report.unchanged["term"] += known is not None
    run.report.created["term"] += known is None
    if run.unit is None:
        run.terms[key] = known.id if known is not None else WOULD_BE
        return
    try:
        with run.unit() as session:
            found = _find(term, parent_id) or create_term(
                _KINDS[term.taxonomy],
                name=title_text(term.name)[:_LONGEST_NAME] or slug_text(term.slug),
                slug=slug_text(term.slug),
                parent=session.get(OurTerm, parent_id) if parent_id is not None else None,
                description=plain_text(term.description),
                by=run.by,
            )
            run.remember(f"{term.taxonomy}/{term.slug}", "term", found.id, checksum(term))
            _remember_addresses(run, term, found)
            run.terms[key] = found.id
    except Invalid as error:
        run.report.created["term"] -= known is None
        run.report.skip(error.message, term.name)


def _find(term: Term, parent_id: int | None) -> OurTerm | None:
    slug = slugify(slug_text(term.slug), max_length=120)
    asked = select(OurTerm).where(OurTerm.kind == _KINDS[term.taxonomy], OurTerm.slug == slug)
    return current_session().scalar(asked.where(OurTerm.parent_id == parent_id).limit(1))


def _remember_addresses(run: ImportRun, term: Term, ours: OurTerm) -> None:
    line, key, seen = [slug_text(term.slug)], (term.taxonomy, term.parent), set[str]()
    while (above := run.survey.terms.get(key)) is not None and above.slug not in seen:
        seen.add(above.slug)
        line.append(slug_text(above.slug))
        key = (above.taxonomy, above.parent)
    for path in term_addresses(term.taxonomy, "/".join(reversed(line)), run.site_map.base, term.source_id):
        if path != term_path(ours) and len(path) <= 1000:
            point(path, term_id=ours.id)
            run.report.created["redirect"] += 1
