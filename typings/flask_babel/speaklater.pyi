from collections.abc import Callable
from typing import Any

# Not a subclass of str, but taken for one wherever a text is shown (labels of WTForms, say).
class LazyString(str):
    def __new__(cls, func: Callable[..., str], *args: Any, **kwargs: Any) -> LazyString: ...
    def __html__(self) -> str: ...
