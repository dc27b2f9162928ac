"""The records of content."""

from cms.content.models.entry import Entry, EntryAuthor, Page, Post
from cms.content.models.redirect import Redirect
from cms.content.models.revision import Revision
from cms.content.models.term import Category, Tag, Term, entry_terms

__all__ = ["Category", "Entry", "EntryAuthor", "Page", "Post", "Redirect", "Revision", "Tag", "Term", "entry_terms"]
