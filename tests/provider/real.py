"""The real provider: npm oidc-provider, in a process of its own on a free port of this machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import needs

SECRET = "a secret with : and % and +"


@contextmanager
def real_provider(redirect: str, people: Mapping[str, Mapping[str, Any]], **more: Any) -> Iterator[str]:
    """Run a provider that sends people back to `redirect`, and give its issuer. `people` have claims by their names."""
    client = {"id": "masthead", "secret": SECRET, "redirect": redirect}
    process = subprocess.Popen(
        [needs.get("node"), str(Path(__file__).parent / "provider.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"client": client, "people": people, **more}))
    process.stdin.close()
    try:
        yield str(json.loads(process.stdout.readline())["issuer"])
    finally:
        process.kill()
        process.stdout.close()
        process.wait(10)
