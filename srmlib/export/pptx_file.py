"""A deck to present and to edit: native tables, charts and text; it needs no browser.

Each part of the deck is a function from the story to slides; `render` puts them in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from srmlib.catalogue import CATALOGUE
from srmlib.export.deck import Deck
from srmlib.export.deck_controls import render_controls
from srmlib.export.deck_hands import add_hands
from srmlib.export.deck_heatmap import add_heatmaps
from srmlib.export.deck_sources import add_pages
from srmlib.export.deck_story import Story, add_table, list_few, make_story, tell_why
from srmlib.export.deck_summary import add_summary
from srmlib.export.deck_tables import Cell
from srmlib.export.edition import Edition, count_changes, list_record, list_sources
from srmlib.frameworks import ControlMatrix
from srmlib.matrix import Matrix, Row, count_noun
from srmlib.reviews import Review, count_resources
from srmlib.shift import Comparison

LIMITS = (
    "Says who has the work, not whether it is done. No legal advice. Not made or reviewed by AWS."
)


def render(what: Matrix | Comparison | Review | ControlMatrix, edition: Edition) -> bytes:
    """A review, a comparison, a matrix or a framework's controls as a .pptx, on a company's template
    where one is given."""
    if isinstance(what, ControlMatrix):
        return render_controls(what, edition)
    story = make_story(what, edition)
    deck = Deck(edition.template, _tell_footer(story))
    parts: list[Callable[[Deck, Story], None]] = [
        _add_cover, add_summary, add_hands, _add_news, _add_map, _add_duties, _add_expected,
        _add_record, _add_sources,
    ]  # fmt: skip
    for done, add in enumerate(parts):
        edition.tell(done, len(parts))
        add(deck, story)
    content = deck.to_bytes(story.head.title)
    edition.tell(len(parts), len(parts))
    return content


def _tell_footer(story: Story) -> str:
    subject = story.review.workload if story.review else "AWS shared responsibility"
    return "   ·   ".join(filter(None, (subject, story.head.date, story.head.catalogue)))


def _add_cover(deck: Deck, story: Story) -> None:
    lines = ["AWS shared responsibility", *story.head.lines()]
    if story.review and (changes := count_changes(story.review)):
        lines.append(f"Duties: {changes}")
    deck.add_cover(
        story.head.title, lines, f"{LIMITS}\nServices: {', '.join(story.matrix.services)}"
    )


def _add_news(deck: Deck, story: Story) -> None:
    """The duties that came, changed and went since the record's last sheet."""
    changes = count_changes(story.review) if story.review else None
    if story.review is None or changes is None:
        return
    changed = [*(row for row in story.duties if row["change"]), *story.review.gone]
    rows = [
        [Cell(row["change"], 10, bold=True), Cell(row["duty"], 10), Cell(row["text"], 10)]
        for row in changed
    ]
    why = tell_why([row for row in changed if row.get("sources")])
    heads, shares = ("Change", "Duty", "What to do"), (0.2, 0.25, 0.55)
    add_table(deck, f"Duties: {changes}", heads, shares, rows, why)


def _add_map(deck: Deck, story: Story) -> None:
    if story.matrix.services:
        counts = count_resources(story.review) if story.review else {}
        add_heatmaps(deck, story.matrix, counts)


def _add_duties(deck: Deck, story: Story) -> None:
    """The duties by the team that has them, where a record names teams, else by layer group."""
    if isinstance(story.what, Comparison):
        return  # They are told from the first service to the last.
    decided = story.review is not None and story.review.record is not None
    shares = (0.06, 0.13, 0.37, 0.18, 0.15, 0.11) if decided else (0.06, 0.14, 0.4, 0.2, 0.2)
    heads = ("Priority", "Layer", "What to do", "For", "AWS tools", "Owner, status")[: len(shares)]
    for name, rows in _group_duties(story):
        cells = [_tell_duty(story, row)[: len(shares)] for row in rows]
        why = [tell_why([row]) for row in rows]
        add_table(deck, _name_group(name, rows), heads, shares, cells, "", why)


def _tell_duty(story: Story, row: Row) -> list[Cell]:
    theirs = f" [{row['origin']}]" if row["origin"] != CATALOGUE else ""
    decided = filter(None, (row["owner"], row["status"], row["exception"], row["note"]))
    return [
        Cell(str(row["priority"]), 10, bold=row["priority"] == 1),
        Cell(story.matrix.catalogue.layers[row["layer"]].name, 10),
        Cell(row["text"] + theirs, 10),
        Cell(list_few(row["services"], 6), 9),
        Cell(list_few(row["tools"], 3), 9),
        Cell("\n".join(decided), 9),
    ]


def _name_group(name: str, rows: list[Row]) -> str:
    urgent = sum(row["priority"] == 1 for row in rows)
    return f"{name}: {count_noun(len(rows), 'duty', 'duties')}" + (
        f", {urgent} most urgent" if urgent else ""
    )


def _group_duties(story: Story) -> Iterator[tuple[str, list[Row]]]:
    """Team by team, and what nobody has taken yet by layer group."""
    layers = story.matrix.catalogue.layers
    teams = any(row["owner"] for row in story.duties)
    for owner in sorted({row["owner"] for row in story.duties if row["owner"]}):
        yield owner, [row for row in story.duties if row["owner"] == owner]
    for group in dict.fromkeys(layer.group for layer in layers.values()):
        rows = [
            row for row in story.duties if not row["owner"] and layers[row["layer"]].group == group
        ]
        if rows:
            yield f"No owner yet, {group}" if teams else group.capitalize(), rows


def _add_expected(deck: Deck, story: Story) -> None:
    """What every account needs and the files do not show; what the review does not know."""
    if story.review is None:
        return
    items = story.review.expected.to_dict("records")
    rows = [
        [Cell(str(item["priority"]), 10), Cell(item["name"], 10, bold=True), Cell(item["duty"], 10)]
        for item in items
    ]
    links = "\n".join(f"{item['name']}: {item['sources'][0]['url']}" for item in items)
    heads, shares = ("Priority", "Item", "What to do"), (0.08, 0.24, 0.68)
    add_table(deck, "Expected of every account and not seen", heads, shares, rows, links)
    for title, lines in (
        ("Moved by a setting in the files", story.review.moves),
        ("What was not seen", story.review.notes),
    ):
        add_table(deck, title, ("In the files",), (1.0,), [[Cell(line, 10)] for line in lines], "")


def _add_record(deck: Deck, story: Story) -> None:
    if story.review is None:
        return
    rows = [
        [Cell(label, 11, bold=True), Cell(text, 11)] for label, text in list_record(story.review)
    ]
    add_table(deck, "What was decided", ("Record", ""), (0.2, 0.8), rows, "")


def _add_sources(deck: Deck, story: Story) -> None:
    add_pages(deck, list_sources(story.what))
