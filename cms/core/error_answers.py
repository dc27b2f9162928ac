"""Who answers an error: most are pages of the site; a surface that is no page answers its own, by its addresses."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

Answer = Callable[[Exception], Response]
_answers: dict[str, Answer] = {}


def answer_errors_below(prefix: str, answer: Answer) -> None:
    """Have `answer` make the answers of all errors at `prefix` and below it (`/api`), whatever raised them."""
    _answers[prefix] = answer


def find_error_answer(path: str) -> Answer | None:
    """Return who answers errors at `path`; None for the pages of the site."""
    for prefix, answer in _answers.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return answer
    return None
