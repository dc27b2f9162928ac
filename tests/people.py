"""The same people everywhere: Ada (admin), Ed (editor), Art (author), Con (contributor), Sue (subscriber), nobody."""

from __future__ import annotations

from dataclasses import dataclass

#: The password of everybody in the tests.
PASSWORD = "the ferry leaves at five"


@dataclass(frozen=True)
class Person:
    """Somebody who visits every page in the tests; nobody has no account."""

    name: str
    role: str | None

    @property
    def email(self) -> str:
        """The sign-in name."""
        return f"{self.name.lower()}@example.com"


ADA = Person("Ada", "admin")
ED = Person("Ed", "editor")
ART = Person("Art", "author")
CON = Person("Con", "contributor")
SUE = Person("Sue", "subscriber")
NOBODY = Person("Nobody", None)
PEOPLE = (ADA, ED, ART, CON, SUE)
EVERYBODY = (*PEOPLE, NOBODY)
