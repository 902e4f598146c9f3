"""A deck of a framework's controls: numbers by family on one slide, then a table a family."""

from __future__ import annotations

from srmlib.export.control_parts import (
    HOW,
    LIMITS,
    MEANINGS,
    cut_texts,
    list_facts,
    list_pages,
    list_widest,
    name_layers,
    split_sides,
)
from srmlib.export.deck import Deck, contrast
from srmlib.export.deck_sources import add_pages
from srmlib.export.deck_story import add_table
from srmlib.export.deck_tables import Cell, cut_pages, make_line
from srmlib.export.edition import Edition, head_of, list_sources
from srmlib.export.tables import shorten
from srmlib.families import group_controls
from srmlib.figures.marks import ANSWER_NAMES, ANSWER_OWNERS, COLOURS
from srmlib.frameworks import SIDES, ControlMatrix, count_families
from srmlib.matrix import Row
from srmlib.schema import Control

CHART = "Answers by family"
# Letters of a title and of duties in a table, and the pages that a control's notes name.
TITLE_ROOM, DUTY_ROOM, PAGES = 110, 190, 4


def render_controls(what: ControlMatrix, edition: Edition) -> bytes:
    """A framework's controls as a .pptx: cover, summary, a table a family, sources."""
    head = head_of(what, edition)
    footer = filter(None, (what.workload or what.name, head.date, head.catalogue))
    deck = Deck(edition.template, "   ·   ".join(footer))
    steps = len(count_families(what)) + 1
    edition.tell(0, steps)
    facts = [f"{label}: {text}" for label, text in list_facts(what)]
    deck.add_cover(head.title, [f"{what.summary}", *head.lines()], "\n".join([LIMITS, *facts]))
    _add_summary(deck, what)
    rows = {row["control"]: row for row in what.rows()}
    for done, (family, controls) in enumerate(
        group_controls(what.framework, what.controls).items(), 1
    ):
        edition.tell(done, steps)
        _add_family(deck, what, str(family), [(each, rows[each.control]) for each in controls])
    add_pages(deck, list_sources(what))
    edition.tell(steps, steps)
    return deck.to_bytes(head.title)


def _add_summary(deck: Deck, what: ControlMatrix) -> None:
    """The numbers as a chart, what each answer means, and the limits."""
    counts = count_families(what)
    facts = "\n".join(f"{label}: {text}" for label, text in list_facts(what))
    slide = deck.add_slide(f"{what.name}: {what.summary}", f"{HOW}\n{LIMITS}\n{facts}")
    names = list(what.counts.index)
    series = [
        (ANSWER_NAMES[name], COLOURS[ANSWER_OWNERS[name]], [held[name] for held in counts.values()])
        for name in names
    ]
    box = slide.area.part(0, 0, 0.66, 1)
    groups = [str(family) for family in counts]
    size = 9 if len(groups) > 12 else 11
    slide.add_bars(box, groups, series, CHART, is_share=False, size=size)
    side = slide.area.part(0.69, 0.04, 0.31, 0.96)
    widths = [side.width * share for share in (0.3, 0.14, 0.56)]
    head = make_line([Cell(text, 10, bold=True) for text in ("Answer", "", "Means")], widths, is_head=True)  # fmt: skip
    lines = [
        make_line(
            [_tell_answer(name, 11), Cell(str(what.counts[name]), 11, bold=True), Cell(MEANINGS[name], 10)],
            widths, fit=deck.fit,
        )
        for name in names
    ]  # fmt: skip
    slide.add_table(side, widths, next(cut_pages([head], lines, side.height)), "Answers")
    slide.add_text(slide.area.part(0.69, 0.62, 0.31, 0.38), [HOW, LIMITS], 10)


def _add_family(
    deck: Deck, what: ControlMatrix, family: str, members: list[tuple[Control, Row]]
) -> None:
    """Control, title, answer and the customer's duties; the notes have reasons and links."""
    owners = [row["owner"] for _, row in members]
    told = ", ".join(
        f"{owners.count(name)} {ANSWER_NAMES[name].lower()}"
        for name in what.counts.index if name in owners
    )  # fmt: skip
    cells = [_tell_control(what, *each) for each in members]
    why = [_tell_why(what, control, row) for control, row in members]
    # Of frameworks under licence the catalogue has ids and no titles.
    second = "Title" if any(control.title for control, _ in members) else "Why"
    heads = ("Control", second, "Answer", "What you do")
    shares = (0.14, 0.25, 0.11, 0.5)
    add_table(deck, f"{family}: {told}", heads, shares, cells, "", why)


def _tell_control(what: ControlMatrix, control: Control, row: Row) -> list[Cell]:
    duties = cut_texts(list_widest(split_sides(what, control).customer), DUTY_ROOM, "")
    return [
        Cell(row["control"], 10, bold=True),
        Cell(shorten(row["title"] or control.reason, TITLE_ROOM), 10),
        _tell_answer(row["owner"], 10),
        Cell(" ".join(duties), 10),
    ]


def _tell_answer(name: str, size: float) -> Cell:
    """An answer by its word on its colour."""
    colour = COLOURS[ANSWER_OWNERS[name]]
    ink = contrast(colour)
    return Cell(ANSWER_NAMES[name], size, bold=True, centred=True, fill=colour[1:], ink=ink)


def _tell_why(what: ControlMatrix, control: Control, row: Row) -> str:
    pages = list_pages(what, control)
    rest = len(pages) - PAGES
    lines = [f"{control.control} {ANSWER_NAMES[row['owner']]}: {control.reason}"]
    lines += [f"  It is {SIDES[control.side]}."] if control.side else []
    lines.append(f"  Layers: {', '.join(name_layers(what, control))}")
    lines += [f"  {page['title']}: {page['url']}" for page in pages[:PAGES]]
    lines += [f"  and {rest} more pages, under Sources"] if rest > 0 else []
    return "\n".join(lines)
