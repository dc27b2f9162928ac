"""Entries (posts and pages), their terms, revisions, states and addresses."""
