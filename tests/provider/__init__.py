"""Providers for the tests of signing in with an account elsewhere: a real one, and one that does what it is told."""
