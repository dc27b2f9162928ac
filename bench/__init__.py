"""Benchmarks: seconds and bytes, measured; each ends with one line that says PASS or FAIL."""
