"""The one error that `cms.lib` raises: a message id with parameters, to be put into words further up."""

from __future__ import annotations


class LibError(ValueError):
    """Input that cannot be taken; `message_id` names the sentence, `params` fill it in."""

    def __init__(self, message_id: str, **params: object) -> None:
        super().__init__(message_id)
        self.message_id = message_id
        self.params = params
