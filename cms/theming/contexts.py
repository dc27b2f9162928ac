"""What a theme is given: one frozen dataclass for each template. A contract: fields are added, never taken away.

Each template gets `site` (SiteContext), `head` (HeadContext), `theme` (the theme's own settings by name) and one
context of its own, named as the template is: `home`, `post`, `page`, `archive`, `term`, `author`, `search`,
`protected`, `error`. Values are plain: text, numbers, aware times in the site's zone, `Markup` for HTML that is
clean by construction. No database object is among them, so a template cannot cause a query.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, get_args, get_type_hints

from markupsafe import Markup

Direction = Literal["ltr", "rtl"]
Current = Literal["", "page", "true"]
EMPTY = Markup()


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A link with its words."""

    label: Annotated[str, "The words to show."]
    url: Annotated[str, "Where it leads: a path of this site or a whole http(s) address."]


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuItem:
    """A place in the navigation of the site."""

    label: Annotated[str, "The words to show."]
    url: Annotated[str, "The path it leads to."]
    current: Annotated[Current, "For aria-current: `page` if it is this page, `true` if this page is below it."] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """A link to a list, with how many posts are in it."""

    label: Annotated[str, "The words to show."]
    url: Annotated[str, "The path of the list."]
    count: Annotated[int, "How many posts readers find there."]


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A picture with the sizes it is served in."""

    url: Annotated[str, "The address of a middle size."]
    alt: Annotated[str, "What is to be seen; empty for decoration."] = ""
    width: Annotated[int | None, "Width in pixels, so that nothing moves while it loads."] = None
    height: Annotated[int | None, "Height in pixels."] = None
    srcset: Annotated[str, "For `srcset`: every width it is served in; may be empty."] = ""
    caption: Annotated[str, "The caption kept with the file."] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who writes here."""

    name: Annotated[str, "The name as shown."]
    url: Annotated[str, "The path of the author page."]
    initials: Annotated[str, "One or two letters, where there is no portrait."]
    biography: Annotated[str, "A few sentences about the person; may be empty."] = ""
    picture: Annotated[Picture | None, "The portrait."] = None
    links: Annotated[tuple[Link, ...], "Where else the person is found."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SiteContext:
    """The site around every page."""

    name: Annotated[str, "The site's name."]
    description: Annotated[str, "A line that says what it is about; may be empty."]
    language: Annotated[str, "BCP 47 tag of the site's language."]
    direction: Annotated[Direction, "Which way the language runs."]
    base_url: Annotated[str, "The public address, without a slash at the end."]
    navigation: Annotated[tuple[MenuItem, ...], "The main navigation."] = ()
    rss_url: Annotated[str, "The path of the RSS feed."] = "/feed.xml"
    atom_url: Annotated[str, "The path of the Atom feed."] = "/atom.xml"
    search_url: Annotated[str, "The path the search form asks, with the words in `q`."] = "/search"
    archive_url: Annotated[str, "The path of the archive."] = "/archive/"
    sign_in_url: Annotated[str, "The path of the sign-in page."] = "/login"
    appearance_url: Annotated[str, "Where the form for light and dark posts `theme` and `next`."] = "/appearance"
    stylesheets: Annotated[tuple[str, ...], "Stylesheets to load after the theme's own, in this order."] = ()
    icon_url: Annotated[str, "The icon of the site, an SVG."] = "/theme/icon.svg"
    privacy: Annotated[Link | None, "The privacy page, if one is chosen in the settings."] = None
    first_year: Annotated[int | None, "The year of the oldest post, for the line of copyright."] = None
    year: Annotated[int, "The year it is, in the site's zone."] = 1970


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLink:
    """A feed that a page announces to feed readers."""

    title: Annotated[str, "The feed's title."]
    url: Annotated[str, "Its path."]
    media_type: Annotated[str, "`application/rss+xml` or `application/atom+xml`."]


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadContext:
    """What stands in the head of a page, for browsers, search engines and previews of links."""

    title: Annotated[str, "The whole title of the window."]
    description: Annotated[str, "One or two sentences about the page; may be empty."] = ""
    path: Annotated[str, "The path of this page, to come back to; empty if it should not be repeated."] = ""
    canonical: Annotated[str, "The one whole address of this content; empty on error pages."] = ""
    robots: Annotated[str, "For robots, such as `noindex`; empty if they may do as they like."] = ""
    open_graph: Annotated[tuple[tuple[str, str], ...], "Pairs of Open Graph property and content."] = ()
    structured_data: Annotated[Markup, "JSON-LD, escaped for a script element; may be empty."] = EMPTY
    feeds: Annotated[tuple[FeedLink, ...], "Feeds to announce."] = ()
    previous_url: Annotated[str, "The list's page before this one; empty on the first."] = ""
    next_url: Annotated[str, "The list's page after this one; empty on the last."] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pagination:
    """Where in a list of numbered pages we are; for `render_pagination`."""

    page: Annotated[int, "The number of this page, from 1."]
    pages: Annotated[int, "How many pages there are."]
    total: Annotated[int, "How many things the whole list has."]
    base_url: Annotated[str, "The list's first page; other pages add `page` to its query."]

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.page > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.page < self.pages

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """The page numbers to offer; None stands for a gap."""
        near = {1, self.pages, self.page - 1, self.page, self.page + 1}
        near |= set(range(1, 5)) if self.page <= 3 else set()
        near |= set(range(self.pages - 3, self.pages + 1)) if self.page > self.pages - 3 else set()
        shown: list[int | None] = []
        for number in sorted(n for n in near if 1 <= n <= self.pages):
            last = shown[-1] if shown else 0
            if last is not None and number - last == 2:
                shown.append(number - 1)
            elif last is not None and number - last > 2:
                shown.append(None)
            shown.append(number)
        return tuple(shown)

    def url(self, number: int) -> str:
        """Return the path of page `number`."""
        if number <= 1:
            return self.base_url
        return f"{self.base_url}{'&' if '?' in self.base_url else '?'}page={number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class PostCard:
    """A post in a list."""

    title: Annotated[str, "The title."]
    url: Annotated[str, "The path of the post."]
    published_at: Annotated[datetime, "When it was published, in the site's zone."]
    excerpt: Annotated[str, "A summary in a few sentences; empty for a protected post."] = ""
    snippet: Annotated[Markup, "In search results: words around the match, with `mark`."] = EMPTY
    authors: Annotated[tuple[Person, ...], "Who wrote it."] = ()
    category: Annotated[Link | None, "The category to show with it."] = None
    picture: Annotated[Picture | None, "The featured picture."] = None
    minutes: Annotated[int, "Minutes it takes to read; 0 if unknown."] = 0
    is_sticky: Annotated[bool, "Whether it is pinned to the front page."] = False
    is_short: Annotated[bool, "Whether it is a short note rather than an article."] = False
    language: Annotated[str, "BCP 47 tag if it differs from the site's; else empty."] = ""
    direction: Annotated[Direction | None, "Which way that language runs, if it differs."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HomeContext:
    """`home.html`: the front page with the latest posts."""

    lead: Annotated[PostCard | None, "The post on top of the first page."]
    posts: Annotated[tuple[PostCard, ...], "The posts of this page, the newest first."]
    pagination: Annotated[Pagination, "Where in the list we are."]
    topics: Annotated[tuple[Counted, ...], "The categories and tags with the most posts."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TocItem:
    """A heading in the contents of an entry."""

    label: Annotated[str, "The words of the heading."]
    url: Annotated[str, "The fragment it is found at, with `#`."]
    children: Annotated[tuple[TocItem, ...], "Headings one level below."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PostContext:
    """`post.html`: a post."""

    title: Annotated[str, "The title."]
    url: Annotated[str, "The path of the post."]
    html: Annotated[Markup, "The body, rendered."]
    published_at: Annotated[datetime | None, "When it was published; None in a preview of a draft."]
    updated_at: Annotated[datetime | None, "When it was last changed, if that was on a later day."] = None
    standfirst: Annotated[str, "The summary, if one was written by hand."] = ""
    authors: Annotated[tuple[Person, ...], "Who wrote it."] = ()
    category: Annotated[Link | None, "The category it stands in."] = None
    tags: Annotated[tuple[Link, ...], "Its tags."] = ()
    picture: Annotated[Picture | None, "The featured picture."] = None
    contents: Annotated[tuple[TocItem, ...], "The headings; empty if there are fewer than three."] = ()
    minutes: Annotated[int, "Minutes it takes to read."] = 0
    previous: Annotated[Link | None, "The post published before it."] = None
    next: Annotated[Link | None, "The post published after it."] = None
    related: Annotated[tuple[PostCard, ...], "Up to three posts with terms in common."] = ()
    language: Annotated[str, "BCP 47 tag if it differs from the site's; else empty."] = ""
    direction: Annotated[Direction | None, "Which way that language runs, if it differs."] = None
    is_preview: Annotated[bool, "Whether this is a preview that readers do not see."] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PageContext:
    """`page.html`: a page. `page-<slug>.html` is taken first if the theme has it."""

    title: Annotated[str, "The title."]
    url: Annotated[str, "The path of the page."]
    html: Annotated[Markup, "The body, rendered."]
    standfirst: Annotated[str, "The summary, if one was written by hand."] = ""
    picture: Annotated[Picture | None, "The featured picture."] = None
    crumbs: Annotated[tuple[Link, ...], "The pages above this one, the topmost first."] = ()
    section: Annotated[tuple[MenuItem, ...], "Pages of the same section, for the margin."] = ()
    section_label: Annotated[str, "What that section is called."] = ""
    children: Annotated[tuple[Link, ...], "Pages right below this one."] = ()
    updated_at: Annotated[datetime | None, "When it was last changed."] = None
    language: Annotated[str, "BCP 47 tag if it differs from the site's; else empty."] = ""
    direction: Annotated[Direction | None, "Which way that language runs, if it differs."] = None
    is_preview: Annotated[bool, "Whether this is a preview that readers do not see."] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TermContext:
    """`term.html`: the posts of a category or tag. `category.html` or `tag.html` is taken first."""

    kind: Annotated[Literal["category", "tag"], "What it is."]
    name: Annotated[str, "The term's name."]
    posts: Annotated[tuple[PostCard, ...], "The posts of this page, the newest first."]
    pagination: Annotated[Pagination, "Where in the list we are; `total` is the number of posts."]
    description: Annotated[str, "What the term is about; may be empty."] = ""
    children: Annotated[tuple[Counted, ...], "Categories right below it."] = ()
    crumbs: Annotated[tuple[Link, ...], "Categories above it, the topmost first."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AuthorContext:
    """`author.html`: a person and what they wrote."""

    person: Annotated[Person, "The person."]
    posts: Annotated[tuple[PostCard, ...], "The posts of this page, the newest first."]
    pagination: Annotated[Pagination, "Where in the list we are; `total` is the number of posts."]
    since: Annotated[int | None, "The year of the first post."] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveContext:
    """`archive.html`: the posts of a year or month, or the list of all years."""

    year: Annotated[int | None, "The year; None for the list of all years."]
    month: Annotated[datetime | None, "The first day of the month, if the page is about one."]
    posts: Annotated[tuple[PostCard, ...], "The posts of this page, the newest first."]
    pagination: Annotated[Pagination, "Where in the list we are; `total` is the number of posts."]
    months: Annotated[tuple[tuple[datetime, str, int], ...], "Other months: first day, path, number of posts."] = ()
    years: Annotated[tuple[Counted, ...], "Other years."] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchContext:
    """`search.html`: what was found."""

    query: Annotated[str, "What was asked, as typed (cut at 200 characters)."]
    posts: Annotated[tuple[PostCard, ...], "What was found, the best first."]
    pagination: Annotated[Pagination, "Where in the list we are; `total` is the number of results."]


@dataclass(frozen=True, kw_only=True, slots=True)
class ProtectedContext:
    """`protected.html`: an entry that has a password. It holds the title and nothing of the body."""

    title: Annotated[str, "The title."]
    url: Annotated[str, "The path that the form posts `password` to."]
    published_at: Annotated[datetime | None, "When it was published."] = None
    authors: Annotated[tuple[Person, ...], "Who wrote it."] = ()
    category: Annotated[Link | None, "The category it stands in."] = None
    is_wrong: Annotated[bool, "Whether a wrong password has just been sent."] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorContext:
    """`404.html`, `500.html` and, if the theme has them, `403.html`, `413.html`, `429.html`."""

    status: Annotated[int, "The HTTP status."]
    message: Annotated[str, "A sentence for the reader, translated; empty where the template has its own."] = ""
    request_id: Annotated[str, "What to tell whoever runs the site, so that they find it in the log."] = ""


#: The context of each template of the contract, by the name it has inside the template.
CONTEXTS: dict[str, type] = {
    "home": HomeContext,
    "post": PostContext,
    "page": PageContext,
    "term": TermContext,
    "author": AuthorContext,
    "archive": ArchiveContext,
    "search": SearchContext,
    "protected": ProtectedContext,
    "error": ErrorContext,
}


def help_texts(context: type) -> dict[str, str]:
    """Return each field of a context with its help text, as the handbook for theme authors shows it."""
    hints = get_type_hints(context, include_extras=True)
    return {name: str(get_args(hint)[1]) for name, hint in hints.items() if hasattr(hint, "__metadata__")}
