"""Machinery that every feature stands on and that knows no feature."""
