"""A template reaches nothing but its contexts, and cannot run or write without end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import TemplateError, UndefinedError
from jinja2.exceptions import SecurityError
from markupsafe import Markup

from cms.theming.contexts import PostContext
from cms.theming.engine import ThemeEngine
from cms.theming.errors import ThemeLimitError
from cms.theming.limits import MAX_OUTPUT, MAX_STEPS
from cms.theming.samples import NOW, sample_contexts, sample_head, sample_site

Render = Callable[..., str]


@pytest.fixture
def render(make_theme: Callable[..., Path], engine_of: Callable[[str], ThemeEngine]) -> Render:
    """Render a source as the template `x.html` of a theme."""

    def run(source: str, **files: str) -> str:
        make_theme(templates__x=source, **files)
        context = {"head": sample_head(), "theme": {"accent": "#123456"}, "post": sample_contexts()[3][2]}
        return engine_of("mine").render(["x.html"], site=sample_site(), now=NOW, context=context).text

    return run


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ post.__class__.__init__.__globals__ }}",
        "{{ (''|attr('__class__')).mro() }}",
        "{{ icon.__globals__ }}",
        "{{ icon.__self__.theme.folders }}",
        "{{ static_url.__func__ }}",
        "{{ self.__init__ }}",
        "{{ 'a'.format('b') }}",
        "{{ '%s'|format('b') }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ [].append(1) }}",
        "{{ post.published_at.replace(year=1) }}",
        "{{ 'a'.encode('utf-8') }}",
        "{{ 'a'.join(['b']) }}",
        "{{ dict.fromkeys('ab') }}",
        "{{ [post.authors] }}",
        "{{ 'abc' * 3 }}",
        "{{ [1] * 3 }}",
    ],
)
def test_what_a_template_may_not_do(render: Render, source: str) -> None:
    with pytest.raises(TemplateError):
        render(source)


def test_unknown_names_are_errors(render: Render) -> None:
    with pytest.raises(UndefinedError):
        render("{{ post.titel }}")


def test_everything_is_escaped(render: Render) -> None:
    assert render("{{ post.title }}") == "A loaf that waits for &lt;you&gt;"
    assert render("{{ '<b>' ~ post.title }}") == "&lt;b&gt;A loaf that waits for &lt;you&gt;"
    assert render("{{ post.html ~ post.title }}").endswith("</h2>A loaf that waits for &lt;you&gt;")
    assert render("{{ [post.title, post.html]|join('<') }}").startswith("A loaf that waits for &lt;you&gt;&lt;<p>")


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(1000) %}{% for b in range(1000) %}{% endfor %}{% endfor %}",
        "{% for a in range(1000) if false %}{% endfor %}{% for a in range(99999) if a < 0 %}{% endfor %}" * 2,
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(20) }}",
        "{% for a in range(20) recursive %}{% if loop.depth < 20 %}{{ loop(range(20)) }}{% endif %}{% endfor %}",
        (
            "{% block b %}{% for x in range(300) %}{% for y in range(300) %}{{ y }}{% endfor %}{% endfor %}"
            "{% endblock %}"
            "{{ self.b() }}{{ self.b() }}"
        ),
        "{{ range(10 ** 9)|list|length }}",
    ],
)
def test_loops_end(render: Render, source: str) -> None:
    with pytest.raises((ThemeLimitError, RecursionError)):
        render(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% set ns = namespace(x='abcdefgh') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
        "{% set ns = namespace(x='abcdefgh') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x='aa') %}{% for i in range(60) %}{% set ns.x = ns.x|replace('a', ns.x) %}{% endfor %}",
        "{% set ns = namespace(x='a') %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x]|join %}{% endfor %}",
        "{% set ns = namespace(x=10) %}{% for i in range(60) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
        "{{ 9 ** 999 }}",
        (
            "{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set x %}{{ ns.x }}{{ ns.x }}{% endset %}"
            "{% set ns.x = x %}{% endfor %}"
        ),
        "{% for i in range(90000) %}" + "x" * 100 + "{% endfor %}",
        "{% macro m() %}" + "x" * 1000 + "{% endmacro %}{% for i in range(9000) %}{% set y = m() %}{% endfor %}",
    ],
)
def test_nothing_grows_without_end(render: Render, source: str) -> None:
    with pytest.raises((ThemeLimitError, SecurityError)):
        render(source)


def test_ordinary_work_stays_far_below_the_limits(render: Render) -> None:
    turns = MAX_STEPS // 20
    assert len(render("{% for i in range(" + str(turns) + ") %}<p>{{ i }}</p>{% endfor %}")) < MAX_OUTPUT


def test_a_body_does_not_count_as_the_templates_doing(engine: ThemeEngine) -> None:
    post = PostContext(title="Long", url="/posts/long/", html=Markup("x") * (MAX_OUTPUT + 1), published_at=NOW)
    context = {"head": sample_head(), "theme": engine.theme.manifest.values({}), "post": post}
    assert len(engine.render(["post.html"], site=sample_site(), now=NOW, context=context).text) > MAX_OUTPUT


@pytest.mark.parametrize("path", ["../../secret.html", "partials/../../x.html", "/etc/passwd", "a\\b.html", "x.html\0"])
def test_templates_are_found_inside_the_theme_only(render: Render, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.html").write_text("secret")
    with pytest.raises(TemplateError):
        render("{% include " + repr(path) + " %}")


def test_a_link_out_of_the_theme_is_not_followed(render: Render, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "mine" / "templates").mkdir(parents=True)
    (tmp_path / "mine" / "templates" / "y.html").symlink_to(tmp_path / "secret.html")
    with pytest.raises(TemplateError):
        render("{% include 'y.html' %}")
