"""The newest draft of an entry as readers would see it, without anything being saved."""

from __future__ import annotations

from sqlalchemy import select

from cms.accounts.models import User
from cms.content.fields import EntryFields
from cms.content.models import Entry, EntryAuthor, Term
from cms.content.rendering import summary_of
from cms.content.saving import working_fields
from cms.core.db import current_session
from cms.lib.document import to_html, word_count
from cms.media.models import MediaFile


def preview_of(entry: Entry) -> tuple[Entry, str]:
    """Return a record outside the database that holds the newest draft, and the draft's HTML with things by id."""
    fields = working_fields(entry)
    session = current_session()
    made = type(entry)(
        id=entry.id,
        kind=entry.kind,
        title=fields.title,
        slug=fields.slug or entry.slug,
        address=entry.address,
        state=entry.state,
        visibility=fields.visibility,
        published_at=entry.published_at,
        revised_at=entry.revised_at,
        excerpt=fields.excerpt,
        summary=summary_of(fields.excerpt, dict(fields.body)),
        word_count=word_count(dict(fields.body)),
        language=fields.language,
        seo_title=fields.seo_title,
        seo_description=fields.seo_description,
        canonical_url=fields.canonical_url,
        noindex=True,
        sticky=fields.sticky,
        menu_order=fields.menu_order,
        parent_id=fields.parent_id,
    )
    made.author_links = _authors(fields)
    made.terms = list(session.scalars(select(Term).where(Term.id.in_(fields.term_ids)).order_by(Term.path)))
    if fields.featured_media_id is not None:
        made.featured_media = session.get(MediaFile, fields.featured_media_id)
    return made, to_html(dict(fields.body))


def _authors(fields: EntryFields) -> list[EntryAuthor]:
    users = {user.id: user for user in current_session().scalars(select(User).where(User.id.in_(fields.author_ids)))}
    return [EntryAuthor(user_id=key, user=users[key]) for key in fields.author_ids if key in users]
