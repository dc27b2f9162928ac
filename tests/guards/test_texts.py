"""Every string for people passes through translation."""

import ast

import pytest
from jinja2 import Environment

from tests.guards import texts
from tests.guards.sources import modules, name, templates, tree

ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)
#: Told in a terminal by somebody who runs the site, before there is a person with a language.
TERMINAL = ("cms/cli/", "cms/config.py", "cms/lib/")
#: Posts of an invented site, for trying a theme.
CONTENT = ("cms/theming/samples",)
#: The documentation of the API, which speaks English, as the names of its fields do.
DOCUMENTATION = ("cms/api/templates/",)


def test_no_template_speaks_untranslated() -> None:
    found = [
        f"{name(path)}:{line}: {text}"
        for path in templates()
        if not name(path).startswith(DOCUMENTATION)
        for line, text in texts.in_template(path.read_text("utf-8"), ENVIRONMENT)
    ]
    assert found == []


def test_no_code_speaks_untranslated() -> None:
    found = [
        f"{name(path)}:{line}: {text}"
        for path in modules("cms")
        if not name(path).startswith(TERMINAL + CONTENT)
        for line, text in texts.in_python(tree(path))
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Welcome</p>",
        "<p>{{ name }} has posts</p>",
        '<img src="x" alt="A picture">',
        '<input type="submit" value="Save">',
        '<button aria-label="Close">{{ icon("x") }}</button>',
        '{{ "Save" }}',
        '{{ "Save" if new else _("Change") }}',
        '{{ field(form.name, label="Name") }}',
        "{{ name or 'No name' }}",
        '<meta name="description" content="All about it">',
    ],
)
def test_guard_sees_a_template_that_speaks(source: str) -> None:
    assert list(texts.in_template(source, ENVIRONMENT))


@pytest.mark.parametrize(
    "source",
    [
        '<p>{{ _("Welcome") }}</p>',
        "<p>{% trans count=n %}One post{% pluralize %}{{ count }} posts{% endtrans %}</p>",
        '<img src="{{ url }}" alt="{{ post.title }}">',
        '{% if state == "In review" %}·{% endif %}',
        '{{ icon("Arrow") }}',
        '{{ moment|date("EEEE d MMMM") }}',
        "{# A comment for who reads this #}",
        '<code>make run</code><span translate="no">Masthead</span>',
        '{{ field(form.name, label=_("Name")) }}',
    ],
)
def test_guard_lets_translated_templates_pass(source: str) -> None:
    assert list(texts.in_template(source, ENVIRONMENT)) == []


@pytest.mark.parametrize(
    "source",
    [
        'flash("Saved.")',
        'flash(f"Saved {title}.")',
        'raise Forbidden("You may not do this.")',
        'raise Invalid(fields={"name": "A name is needed."})',
        'StringField("Name")',
        'StringField(_("Name"), description="What people see")',
        'Length(max=3, message="Too long")',
        'Permission("content:post:edit", "Edit posts")',
        'class View:\n    column_labels = {"name": "Name"}',
        'class Kind:\n    label = "Kind of thing"',
        'flash("One" if n == 1 else _("Many"))',
    ],
)
def test_guard_sees_code_that_speaks(source: str) -> None:
    assert list(texts.in_python(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        'flash(_("Saved."))',
        'raise Forbidden(_("You may not do this."))',
        'raise Invalid(fields={"name": _("A name is needed.")})',
        'StringField(_("Name"))',
        'Permission("content:post:edit", _("Edit posts"))',
        'class View:\n    column_labels = {"name": _("Name")}',
        'job("send_mail")',
        'url_for("admin.index", title=post.title)',
    ],
)
def test_guard_lets_translated_code_pass(source: str) -> None:
    assert list(texts.in_python(ast.parse(source))) == []
