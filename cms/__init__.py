"""Masthead: a back office and a public, themed, cached blog."""
