"""Lengths of files in words."""

from __future__ import annotations


def format_bytes(number: int) -> str:
    """Return a number of bytes for people, in powers of 1024: `340 KB`, `1.8 MB`, `256 MB`."""
    if number < 1024:
        return f"{number} B"
    size = float(number)
    for unit in ("KB", "MB", "GB", "TB"):
        size /= 1024
        # 1023.6 KB would read "1024 KB"; it is 1 MB.
        if size < 1023.5 or unit == "TB":
            break
    digits = 1 if size < 9.95 and unit != "KB" else 0
    return f"{size:.{digits}f}".removesuffix(".0") + f" {unit}"
