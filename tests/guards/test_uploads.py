"""Uploads have one way in, one place to lie and one way out."""

import ast
import importlib.metadata
import re

from flask_uploads import UploadSet

from cms.core import storage
from cms.factory import create_app
from cms.lib.files import TYPES
from tests.databases import settings
from tests.guards.sources import ROOT, called, modules, name, tree

STORAGE = "cms/core/storage.py"


def calls(*folders: str) -> list[tuple[str, ast.Call]]:
    found = (path for path in modules(*folders))
    return [(name(path), node) for path in found for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def test_only_the_storage_makes_upload_sets() -> None:
    makers = {"UploadSet", "ExclusiveUploadSet", "configure_uploads"}
    made = {place for place, node in calls() if called(node) in makers}
    assert made == {STORAGE}


def test_only_the_storage_imports_the_library() -> None:
    importing = {
        name(path)
        for path in modules()
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("flask_uploads"))
        or (isinstance(node, ast.Import) and any(alias.name.startswith("flask_uploads") for alias in node.names))
    }
    assert importing == {STORAGE}


def test_every_upload_set_writes_exclusively() -> None:
    sets = [value for value in vars(storage).values() if isinstance(value, UploadSet)]
    assert {item.name for item in sets} == {"originals", "variants"}
    assert all(isinstance(item, storage.ExclusiveUploadSet) for item in sets)


def test_no_upload_set_takes_what_a_browser_would_run() -> None:
    dangerous = {"svg", "svgz", "html", "htm", "xhtml", "xml", "js", "mjs", "css", "php", "swf", "mht", "zip", "exe"}
    for item in (storage.ORIGINALS, storage.VARIANTS):
        assert not dangerous & set(item.extensions)
    assert not [kind for kind in TYPES.values() if "svg" in kind.media_type or "html" in kind.media_type]


def test_the_library_serves_nothing_itself(tmp_path) -> None:
    app = create_app(settings(tmp_path))
    assert not app.config.get("UPLOADS_AUTOSERVE")
    assert "_uploads" not in app.blueprints
    assert not (tmp_path / "uploads").exists()


def test_nobody_saves_an_upload_past_the_storage() -> None:
    # `FileStorage.save` overwrites and takes any path; forms hand the open stream to `receive_file`.
    saving = {
        place
        for place, node in calls("cms")
        if called(node) == "save" and isinstance(node.func, ast.Attribute) and "file" in ast.unparse(node.func.value)
    }
    assert saving <= {STORAGE}


def test_only_the_storage_knows_where_uploads_lie() -> None:
    # Settings name the folder; the command line and the readiness check look at the room it has.
    others = ("cms/cli/", "cms/config.py", "cms/public/health.py")
    knowing = {
        name(path)
        for path in modules("cms")
        if not name(path).startswith(others) and "CMS_UPLOADS" in path.read_text("utf-8")
    }
    assert knowing == {STORAGE}


def test_pictures_are_decoded_in_one_place() -> None:
    decoding = {
        place
        for place, node in calls("cms")
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) in {"Image.open", "PIL.Image.open"}
    }
    assert decoding == {"cms/lib/images.py"}


def test_the_right_library_is_pinned_and_its_forerunner_is_not() -> None:
    installed = {distribution.metadata["Name"].lower() for distribution in importlib.metadata.distributions()}
    assert "flask-reuploaded" in installed
    assert "flask-uploads" not in installed
    pins = (ROOT / "requirements.txt").read_text("utf-8")
    pin = re.search(r"(?im)^flask-reuploaded==(\d+)\.(\d+)", pins)
    assert pin is not None
    # Below 1.6 its names could lead out of the folder.
    assert (int(pin[1]), int(pin[2])) >= (1, 6)
    assert not re.search(r"(?im)^flask-uploads\b", pins)
