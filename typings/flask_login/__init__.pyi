from typing import Any

from blinker import NamedSignal

current_user: Any
user_logged_in: NamedSignal
user_logged_out: NamedSignal

class UserMixin:
    def get_id(self) -> str: ...

class AnonymousUserMixin:
    is_authenticated: bool
    is_active: bool

def login_user(user: Any, remember: bool = ..., duration: Any = ..., force: bool = ..., fresh: bool = ...) -> bool: ...
def logout_user() -> bool: ...
