"""The switch that turns a skipped test into a failed one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(folder: Path, text: str, *, switch: str) -> str:
    (folder / "test_it.py").write_text(text)
    # Plugins of others would take a second to load, and say nothing here.
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "CMS_TEST_NO_SKIP": switch, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.no_skip",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
    ]
    done = subprocess.run(
        [*command, "test_it.py"], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout


@pytest.mark.parametrize(
    "text",
    [
        "import pytest\n@pytest.mark.skipif(True, reason='no such thing')\ndef test_it(): pass\n",
        "import pytest\npytest.skip('no such thing', allow_module_level=True)\n",
        "import pytest\ndef test_it(): pytest.skip('no such thing')\n",
    ],
)
def test_skip_fails_only_with_the_switch(tmp_path: Path, text: str) -> None:
    assert "1 skipped" in run(tmp_path, text, switch="0")
    strict = run(tmp_path, text, switch="1")
    assert "does not allow" in strict
    assert "no such thing" in strict
    assert "skipped in" not in strict
