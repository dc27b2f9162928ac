"""One example of every context, as full as can be: what a theme is checked with before it is used."""

from __future__ import annotations

from datetime import UTC, datetime

from markupsafe import Markup

from cms.theming import contexts as c

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

_NORA = c.Person(
    name="Nora Whitcombe",
    url="/author/nora/",
    initials="NW",
    biography="Nora baked bread for a living for eleven years and now bakes it for company.",
    links=(c.Link(label="nora.example", url="https://nora.example/"),),
)
_IDRIS = c.Person(
    name="Idris <Faulkner>",
    url="/author/idris/",
    initials="IF",
    picture=c.Picture(url="/media/idris.webp", width=96, height=96),
)
_KITCHEN = c.Link(label="Kitchen & cellar", url="/category/kitchen/")
_PICTURE = c.Picture(
    url="/media/loaf-960.webp",
    alt='A long loaf with four "cuts"',
    width=1200,
    height=803,
    srcset="/media/loaf-480.webp 480w, /media/loaf-960.webp 960w",
    caption="Tuesday’s loaf.",
)
_CARD = c.PostCard(
    title="A loaf that waits for <you>",
    url="/posts/a-loaf/",
    published_at=datetime(2026, 11, 17, 8, 0, tzinfo=UTC),
    excerpt="Most bread asks you to be at home when it is ready.",
    authors=(_NORA, _IDRIS),
    category=_KITCHEN,
    picture=_PICTURE,
    minutes=9,
    is_sticky=True,
)
_PLAIN = c.PostCard(
    title="رغيف ينتظرك",
    url="/posts/raghif/",
    published_at=datetime(2025, 3, 2, tzinfo=UTC),
    language="ar",
    direction="rtl",
    is_short=True,
    snippet=Markup("… the <mark>cold</mark> does the kneading …"),
)
_CARDS = (_CARD, _PLAIN)


def sample_site(language: str = "en-GB", direction: c.Direction = "ltr") -> c.SiteContext:
    """Return a site with everything in it."""
    return c.SiteContext(
        name="Harbour Lane",
        description="Kitchens, tides and small repairs",
        language=language,
        direction=direction,
        base_url="https://harbour.example",
        navigation=(c.MenuItem(label="About", url="/about/", current="page"), c.MenuItem(label="Walks", url="/walks/")),
        stylesheets=("/appearance.css",),
        privacy=c.Link(label="Privacy", url="/privacy/"),
        first_year=2019,
        year=2026,
    )


def sample_head() -> c.HeadContext:
    """Return a head with everything in it."""
    return c.HeadContext(
        title="A loaf that waits for you – Harbour Lane",
        description="Most bread asks you to be at home when it is ready.",
        path="/posts/a-loaf/",
        canonical="https://harbour.example/posts/a-loaf/",
        robots="noindex",
        open_graph=(("og:title", "A loaf that waits for you"),),
        structured_data=Markup('{"@context": "https://schema.org"}'),
        feeds=(c.FeedLink(title="Harbour Lane", url="/feed.xml", media_type="application/rss+xml"),),
        previous_url="/",
        next_url="/?page=3",
    )


def _pages(page: int, pages: int) -> c.Pagination:
    return c.Pagination(page=page, pages=pages, total=pages * 10, base_url="/")


def _post() -> c.PostContext:
    return c.PostContext(
        title="A loaf that waits for <you>",
        url="/posts/a-loaf/",
        html=Markup('<p>There is a kind of recipe.</p>\n<h2 id="night">What the night does</h2>'),
        published_at=NOW,
        updated_at=NOW,
        standfirst="Most bread asks you to be at home.",
        authors=(_NORA, _IDRIS),
        category=_KITCHEN,
        tags=(c.Link(label="bread", url="/tag/bread/"),),
        picture=_PICTURE,
        contents=(
            c.TocItem(label="Night", url="#night", children=(c.TocItem(label="Sums", url="#sums"),)),
            c.TocItem(label="Shaping", url="#shape"),
        ),
        minutes=9,
        previous=c.Link(label="How to buy a bicycle", url="/posts/bicycle/"),
        next=c.Link(label="The kettle inventory", url="/posts/kettle/"),
        related=_CARDS,
    )


def _page() -> c.PageContext:
    return c.PageContext(
        title="About Harbour Lane",
        url="/about/",
        html=Markup("<p>Harbour Lane began as a note.</p>"),
        standfirst="Three people, one kitchen table.",
        picture=_PICTURE,
        crumbs=(c.Link(label="House", url="/house/"),),
        section=(c.MenuItem(label="About", url="/about/", current="page"),),
        section_label="About",
        children=(c.Link(label="Who writes here", url="/about/who/"),),
        updated_at=NOW,
    )


def sample_contexts() -> list[tuple[str, str, object]]:
    """Return every template's file name, the name of its context inside, and an example; several where cases differ."""
    topics = (c.Counted(label="Kitchen", url="/category/kitchen/", count=1204),)
    protected = c.ProtectedContext(
        title="Supper", url="/posts/supper/", published_at=NOW, authors=(_NORA,), is_wrong=True
    )
    return [
        ("home.html", "home", c.HomeContext(lead=_CARD, posts=_CARDS, pagination=_pages(1, 14), topics=topics)),
        ("home.html", "home", c.HomeContext(lead=None, posts=_CARDS, pagination=_pages(7, 14))),
        ("home.html", "home", c.HomeContext(lead=None, posts=(), pagination=_pages(1, 0))),
        ("post.html", "post", _post()),
        (
            "post.html",
            "post",
            c.PostContext(title="", url="/posts/1/", html=Markup(), published_at=None, is_preview=True),
        ),
        ("page.html", "page", _page()),
        ("page.html", "page", c.PageContext(title="", url="/x/", html=Markup(), is_preview=True)),
        (
            "term.html",
            "term",
            c.TermContext(
                kind="category",
                name="Repairs",
                posts=_CARDS,
                pagination=_pages(1, 3),
                description="Hinges.",
                children=topics,
                crumbs=(_KITCHEN,),
            ),
        ),
        ("term.html", "term", c.TermContext(kind="tag", name="bread", posts=(), pagination=_pages(1, 1))),
        ("author.html", "author", c.AuthorContext(person=_NORA, posts=_CARDS, pagination=_pages(2, 2), since=2019)),
        ("author.html", "author", c.AuthorContext(person=_IDRIS, posts=(), pagination=_pages(1, 1))),
        (
            "archive.html",
            "archive",
            c.ArchiveContext(
                year=2026,
                month=NOW,
                posts=_CARDS,
                pagination=_pages(1, 1),
                months=((NOW, "/archive/2026/10/", 11),),
                years=topics,
            ),
        ),
        (
            "archive.html",
            "archive",
            c.ArchiveContext(year=None, month=None, posts=(), pagination=_pages(1, 1), years=topics),
        ),
        ("search.html", "search", c.SearchContext(query="cold <dough>", posts=_CARDS, pagination=_pages(1, 2))),
        ("search.html", "search", c.SearchContext(query="", posts=(), pagination=_pages(1, 1))),
        ("protected.html", "protected", protected),
        ("404.html", "error", c.ErrorContext(status=404)),
        ("500.html", "error", c.ErrorContext(status=500, message="", request_id="4f2a")),
        ("500.html", "error", c.ErrorContext(status=429, message="Please wait a minute.")),
    ]
