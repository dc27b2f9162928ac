"""Entries (posts and pages), their terms, revisions, states and addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_content(_app: Flask) -> None:
    """Make permissions, jobs, references and cache rules of content known."""
    import cms.accounts.caching
    import cms.accounts.holdings
    import cms.accounts.retention
    import cms.content.caching
    import cms.content.field_rules
    import cms.content.holdings
    import cms.content.jobs
    import cms.content.policies
    import cms.content.references
    import cms.content.role_places
    import cms.content.sentences  # noqa: F401 -- importing registers
