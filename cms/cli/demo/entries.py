"""The words of the demo site."""

from collections.abc import Callable, Mapping

from cms.cli.demo.blocks import (
    Node,
    block,
    bullets,
    button,
    callout,
    code,
    columns,
    details,
    document,
    gallery,
    h,
    image,
    notes,
    numbers,
    p,
    quote,
    table,
    tasks,
    terms,
    verse,
)
from cms.cli.demo.site import DemoEntry

_Show = Callable[..., Node]
_TIDE = '''\
def height(hour, low=0.4, high=3.1, first=5.2):
    """Height of the water in metres, at an hour of the day."""
    # half a day and a little more from one high water to the next
    share = (1 + math.cos(math.tau * (hour - first) / 12.42)) / 2
    return low + (high - low) * share


for hour in range(0, 24, 3):
    print(f"{hour:02d}:00  {'~' * round(height(hour) * 8)}")
'''


def demo_entries(media: Mapping[str, int], alts: Mapping[str, str]) -> tuple[DemoEntry, ...]:
    """Return every entry; `media` and `alts` tell the id of each file by its name, and what it shows."""

    def show(name: str, caption: str = "", layout: str | None = None) -> Node:
        return image(media[name], alts[name], caption, layout)

    return (
        _every_block(media, show("harbour", "The quay at noon. The boat is not ours.", "wide"), show),
        _coast_path(show),
        _kettle(),
        _forecast(show),
        _lens(show),
        _coffee(show),
        *_small_entries(),
        *_pages(show),
    )


def _every_block(media: Mapping[str, int], opening: Node, show: _Show) -> DemoEntry:
    body = document(
        opening,
        p("Low water was at six, and by seven the whole harbour was standing on its feet: boats on their keels, "
          "ladders reaching for nothing, gulls **very busy**. It happens twice a day and I have *never* got used "
          "to it.[^1] This post is about what one can do with those two hours."),
        h("What to bring"),
        show("cup", "The waiting is done with coffee.", "end"),
        p("Not much. A [tide table](https://en.wikipedia.org/wiki/Tide_table), boots that you do not love, and "
          "somebody who knows the way back. ==The water returns faster than you walk==; that is the whole of "
          "the safety briefing."),
        bullets("Boots", [p("Something warm to drink"), bullets("tea, if you must")], "A bag for what you find"),
        tasks(("Look up the tide", True), ("Tell somebody where you are going", True), ("Charge the torch", False)),
        callout("warning", p("Turn round when the ladders get their feet wet, not when you do.")),
        callout("tip", p("The best light is in the first quarter of an hour, and in the last.")),
        callout("note", p("Dogs like it even more than children.")),
        h("Words for mud"),
        terms(("Ooze", "What takes the boot."), ("Silt", "What takes the sock."), ("Sand", "What gets everywhere.")),
        quote("A harbour is a room that the sea leaves twice a day so that one can tidy up.", "Ed, on the quay"),
        h("The numbers"),
        table("Heights at the third ladder, in metres", ("Hour", "Water", "Boots"),
              ("06:00", "0.4", "short"), ("08:00", "1.1", "long"), ("10:00", "2.4", "on the quay, please")),
        h("For those who calculate", 3),
        p("Con wrote eight lines that draw the day's tide in the terminal. Stop it with ‹Ctrl› and ‹C›."),
        code(_TIDE, "python", "tide.py"),
        block("pageBreak"),
        h("What we found"),
        gallery("Four views of the same water.", show("evening"), show("morning"), show("light"), show("ridge")),
        columns([h("Kept", 3), p("A cork, a blue bottle, half an oar.")],
                [h("Left", 3), p("One boot. Somebody may come back for it.")]),
        verse("The tide goes out without a word,", "the ladders stand in air,",
              "and all the things we thought were lost", "are lying there."),
        h("To hear and to keep"),
        block("audio", mediaId=media["foghorn"], title="The foghorn"),
        block("file", mediaId=media["tide-card"], name="Tide card"),
        details("Why not simply at high water?", p("Because then it is under the boats.")),
        block("embed", url="https://www.youtube.com/watch?v=jNQXAC9IVRw", title="The first film on YouTube"),
        block("horizontalRule"),
        numbers("Rinse the boots.", "Hang up the socks.", "Look up the next tide.", start=4),
        button("Read about the coast path", "/posts/the-coast-path-anticlockwise/"),
        notes(_1="Twelve hours and twenty-five minutes apart, so it is never at the same time tomorrow."),
    )  # fmt: skip
    return DemoEntry(
        "post", "Two hours at low water", body, "Art", category="Walks", tags=("harbour", "boats", "maps"),
        excerpt="Twice a day the harbour is left standing on its feet. What to bring, and when to turn round.",
        picture="harbour", days=0.4,
    )  # fmt: skip


def _coast_path(show: _Show) -> DemoEntry:
    body = document(
        p("Everybody walks the coast path clockwise, because the signs are painted on that side of the stones. "
          "Walk it the other way and you meet everybody, once, and have the rest of the day to yourself."),
        show("ridge", "First light from the second stile.", "full"),
        h("The way"),
        numbers("From the quay, uphill past the chapel.", "Left at the stone that looks like Ed.",
                "Along the edge until the lighthouse stops getting larger.", "Down to the beach; mind the step."),
        p("Allow four hours, or six with a thermos. There is a bus back, in theory."),
        show("light", "The lighthouse, at the size at which it stops growing."),
        quote("The sea is on the other side now. I had not thought about that.", "Sue, half-way"),
    )  # fmt: skip
    return DemoEntry(
        "post", "The coast path, anticlockwise", body, "Art", category="Coast", tags=("morning", "maps"),
        excerpt="The signs are painted for the other direction. That is the point.", picture="ridge", days=3,
    )  # fmt: skip


def _kettle() -> DemoEntry:
    body = document(
        p("The kettle at the sailing club had been “about to be replaced” since the year of the big herring. "
          "On Tuesday it stopped whistling, which was the only part of it that had ever worked."),
        h("What was wrong"),
        p("A whistle is two discs with a hole in each. Ours had grown a third disc out of lime."),
        bullets("Vinegar, one hour", "A needle, two minutes", "Saying nothing to the committee, indefinitely"),
        callout("tip", p("Never put a repaired kettle back without a label: somebody will throw it away.")),
        p("It whistles a little higher than before. The dogs on the quay have noticed."),
    )  # fmt: skip
    return DemoEntry("post", "A kettle that whistles again", body, "Con", category="Workshop", tags=("tools", "coffee"),
                     excerpt="Two discs, two holes, and a great deal of lime.", picture="cup", days=8)  # fmt: skip


def _forecast(show: _Show) -> DemoEntry:
    body = document(
        p("The forecast said “occasional showers”. What follows is a list of the occasions."),
        table("One day's showers", ("From", "To", "Kind"), ("07:10", "07:40", "fine, sideways"),
              ("09:05", "11:50", "ordinary"), ("13:00", "13:02", "for show"), ("15:30", "dusk", "meant it")),
        show("rain", "13.01, between the showers.", "wide"),
        p("Taken together they were one shower with three interruptions, and I have written to say so."),
    )  # fmt: skip
    return DemoEntry("post", "Occasional showers, an inventory", body, "Ed", category="Weather", tags=("rain",),
                     excerpt="The forecast promised occasions. Here they are.", picture="rain", days=15)  # fmt: skip


def _lens(show: _Show) -> DemoEntry:
    body = document(
        p("The lens of the lighthouse has 1,176 pieces of glass and I have now met all of them."),
        show("lamp", "No view today, which is when it matters."),
        h("How it is done"),
        numbers("Spirit, diluted. Never anything that promises shine.", "One cloth wet, one dry, one in the pocket.",
                "Top to bottom, and do not count."),
        quote("You can count them afterwards.", "The keeper before the keeper before me"),
        p("From the sea nobody can tell the difference. From up here it is like getting new glasses."),
    )  # fmt: skip
    return DemoEntry("post", "Cleaning the lens", body, "Ada", category="Workshop", tags=("harbour", "tools"),
                     excerpt="1,176 pieces of glass and three cloths.", picture="lamp", days=29)  # fmt: skip


def _coffee(show: _Show) -> DemoEntry:
    body = document(
        p("There are five places for coffee along the quay and one rule: who sees the ferry first, pays last."),
        show("morning", "The five past seven, at six past seven."),
        p("The ferry is late on Mondays. Knowing this has saved me, by now, the price of a small boat."),
    )
    return DemoEntry("post", "Coffee before the ferry", body, "Ada", category="Walks", tags=("coffee", "morning"),
                     excerpt="Five cafés, one rule.", picture="morning", days=44)  # fmt: skip


def _small_entries() -> tuple[DemoEntry, ...]:
    """Return entries in the other states, for the lists of the back office."""
    return (
        DemoEntry("post", "Knots that came undone", document(p("A confession, with diagrams to follow.")), "Con",
                  category="Workshop", tags=("boats",), state="in_review"),
        DemoEntry("post", "Notes on gulls", document(p("They are not a category of weather. Are they?")), "Art",
                  category="Weather", state="draft"),
        DemoEntry("post", "The regatta, a preview", document(p("Nine boats, two of them seaworthy.")), "Art",
                  category="Coast", tags=("boats", "harbour"), days=-12),
        DemoEntry("post", "Minutes of the last meeting", document(p("For those who were there.")), "Ada",
                  visibility="members", days=21),
    )  # fmt: skip


def _pages(show: _Show) -> tuple[DemoEntry, ...]:
    about = document(
        p("*The Harbour Notebook* is written by four people who live within sound of the same foghorn. None of it "
          "is news, and some of it is useful."),
        show("evening", "", "wide"),
        h("This is a demo site"),
        p("It came with the program, so that there is something to look at: every block of a post can be seen in "
          "[Two hours at low water](/posts/two-hours-at-low-water/). Delete what you do not need; nothing of it "
          "comes back."),
        button("Open the back office", "/admin/"),
    )  # fmt: skip
    getting_here = document(
        p("By ferry from the mainland, or on foot if you have a week."),
        table(
            "The ferry", ("From", "Mainland", "Harbour"), ("Weekdays", "06:20", "07:05"), ("Sundays", "09:00", "09:50")
        ),
        callout("note", p("On Mondays, add a quarter of an hour.")),
    )
    privacy = document(
        p(
            "This demo site asks nobody for anything. It sets one cookie, when you sign in, and forgets it when you "
            "sign out."
        ),
    )
    return (
        DemoEntry("page", "About", about, "Ada", picture="evening", menu_order=1, days=60),
        DemoEntry("page", "Getting here", getting_here, "Ada", menu_order=1, days=58, parent="About"),
        DemoEntry("page", "Privacy", privacy, "Ada", menu_order=9, days=60),
    )
