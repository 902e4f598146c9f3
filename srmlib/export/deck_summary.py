"""The slide that stands for the whole deck: owners, the most urgent duties, blind spots."""

from __future__ import annotations

from collections import Counter

from srmlib.export.deck import Deck, Slide
from srmlib.export.deck_story import TOP, Story, list_few, tell_why
from srmlib.export.deck_tables import Cell, cut_pages, make_line
from srmlib.export.tables import shorten
from srmlib.figures.marks import COLOURS, NAMES
from srmlib.matrix import Matrix, Row, count_noun
from srmlib.schema import OWNERS
from srmlib.shift import Comparison, count_owners


def add_summary(deck: Deck, story: Story) -> None:
    """Owners by layer group, the duties of highest priority, and blind spots, on one slide."""
    if isinstance(story.what, Comparison):
        return  # Its services stand for one another: what changes hands is its summary.
    urgent = [row for row in story.duties if row["status"] in ("open", "in progress")][:TOP]
    slide = deck.add_slide(_say_summary(story), tell_why(urgent))
    area = slide.area
    if story.matrix.services:
        slide.add_text(area.part(0, 0, 0.4, 0.06), ["Owners by layer group, in cells"], bold=True)
        slide.add_bars(area.part(-0.01, 0.06, 0.42, 0.6), *_count_groups(story.matrix))
    slide.add_text(area.part(0, 0.69, 0.4, 0.06), [_name_blind(story)], bold=True)
    slide.add_text(area.part(0, 0.75, 0.4, 0.25), _list_blind(story), 10)
    slide.add_text(area.part(0.44, 0, 0.56, 0.06), ["The most urgent duties"], bold=True)
    _add_urgent(deck, slide, story, urgent)


def _add_urgent(deck: Deck, slide: Slide, story: Story, urgent: list[Row]) -> None:
    box = slide.area.part(0.44, 0.07, 0.56, 0.93)
    widths = [box.width * share for share in (0.2, 0.55, 0.25)]
    heads = [Cell(text, 10, bold=True) for text in ("Layer", "What to do", "For")]
    head = make_line(heads, widths, is_head=True)
    lines = [make_line(_tell_short(story, row), widths, fit=deck.fit) for row in urgent]
    slide.add_table(box, widths, next(cut_pages([head], lines, box.height), [head]), "Duties")


def _say_summary(story: Story) -> str:
    urgent = sum(row["priority"] == 1 for row in story.duties)
    services = count_noun(len(story.matrix.services), "service")
    what = f"{len(story.duties)} duties are yours, {urgent} of them most urgent"
    return f"{what}, over {services}"


def _count_groups(matrix: Matrix) -> tuple[list[str], list[tuple[str, str, list[int]]]]:
    """Layer groups, and for each owner its cells in them."""
    counts = count_owners(matrix)
    held: Counter[tuple[str, str]] = Counter()
    for row in counts.to_dict("records"):
        held[row["group"], row["owner"]] += row["layers"]
    groups = list(dict.fromkeys(matrix.catalogue.layers[id].group for id in matrix.layers))
    owners = [owner for owner in OWNERS if any(held[group, owner] for group in groups)]
    series = [(NAMES[o], COLOURS[o], [held[group, o] for group in groups]) for o in owners]
    return [group.capitalize() for group in groups], series


def _name_blind(story: Story) -> str:
    return "Blind spots" if story.review else "Read with care"


def _list_blind(story: Story, room: int = 5) -> list[str]:
    """What the review does not know, the shortest way; the rest is counted."""
    if story.review is None:
        return _list_cautions(story.matrix)
    expected = [item["name"] for item in story.review.expected.to_dict("records")]
    told = [f"Not seen in the files: {list_few(expected, 4)}"] if expected else []
    notes = story.review.notes
    shown = notes[: room - 1 - len(told)]
    rest = len(notes) - len(shown)
    lines = told + [shorten(line, 130) for line in shown]
    lines += [f"and {rest} more, in “What was not seen”"] if rest else []
    return lines or ["None: every resource in the files has a row"]


def _list_cautions(matrix: Matrix) -> list[str]:
    cells = [matrix.claims[id][layer].cell for id in matrix.services for layer in matrix.layers]
    contested = sum(bool(cell.contested) for cell in cells)
    return [
        f"AWS says otherwise elsewhere for {contested} cells, marked *",
        "It judges defaults: cells marked ° move with a setting",
    ]


def _tell_short(story: Story, row: Row) -> list[Cell]:
    layer = story.matrix.catalogue.layers[row["layer"]].name
    return [
        Cell(layer, 12, bold=True),
        Cell(row["text"], 12),
        Cell(list_few(row["services"], 4), 11),
    ]
