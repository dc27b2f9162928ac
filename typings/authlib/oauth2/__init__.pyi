from collections.abc import Sequence
from typing import Any

class OAuth2Error(Exception):
    error: str | None

class OAuth2Client:
    SESSION_REQUEST_PARAMS: Sequence[str]
    def __init__(
        self,
        session: Any,
        client_id: str | None = ...,
        client_secret: str | None = ...,
        token_endpoint_auth_method: str | None = ...,
        *,
        scope: str | None = ...,
        redirect_uri: str | None = ...,
        code_challenge_method: str | None = ...,
    ) -> None: ...
    def create_authorization_url(
        self, url: str, state: str | None = ..., code_verifier: str | None = ..., **kwargs: str | None
    ) -> tuple[str, str]: ...
    def fetch_token(self, url: str | None = ..., **kwargs: Any) -> dict[str, Any]: ...
