"""A deck to present and to edit: native tables, charts and text; it needs no browser.

Each part of the deck is a function from the story to slides; `render` puts them in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from srmlib.catalogue import CATALOGUE
from srmlib.errors import SrmError
from srmlib.export.deck import Deck
from srmlib.export.deck_heatmap import add_heatmaps
from srmlib.export.deck_tables import LETTER, MARGIN, Cell, cut_pages, make_line
from srmlib.export.edition import Edition, Head, count_changes, head_of, list_record, list_sources
from srmlib.export.tables import Row
from srmlib.figures import order_columns
from srmlib.figures.marks import COLOURS, NAMES
from srmlib.matrix import Matrix
from srmlib.records import add_decisions
from srmlib.reviews import Review, count_resources, list_duties
from srmlib.schema import OWNERS
from srmlib.shift import Comparison, count_owners, trace_hands

# Moves are told against running everything on one's own machines.
GROUND = "on-premises"
TOP = 5


class Story(NamedTuple):
    """What a deck tells: the matrix it shows, the duties, and the head of every slide."""

    what: Matrix | Comparison | Review
    matrix: Matrix
    head: Head
    duties: list[Row]

    @property
    def review(self) -> Review | None:
        """The review, where the deck is of one."""
        return self.what if isinstance(self.what, Review) else None


def render(what: Matrix | Comparison | Review, edition: Edition) -> bytes:
    """A review, a comparison or a matrix as a .pptx, on a company's template where one is given."""
    story = _make_story(what, edition)
    deck = Deck(edition.template, _tell_footer(story))
    parts: list[Callable[[Deck, Story], None]] = [
        _add_cover, _add_summary, _add_hands, _add_news, _add_map, _add_duties, _add_expected,
        _add_record, _add_sources,
    ]  # fmt: skip
    for done, add in enumerate(parts):
        edition.tell(done, len(parts))
        add(deck, story)
    content = deck.to_bytes(story.head.title)
    edition.tell(len(parts), len(parts))
    return content


def _make_story(what: Matrix | Comparison | Review, edition: Edition) -> Story:
    matrix = what if isinstance(what, Matrix) else what.matrix
    if not matrix.services and not isinstance(what, Review):
        raise SrmError("there is no service to write; select at least one")
    if not isinstance(what, Comparison):
        matrix = matrix.select(services=order_columns(matrix))
    duties = what.rows() if isinstance(what, Review) else add_decisions(list_duties(matrix), None)
    return Story(what, matrix, head_of(what, edition), duties)


def _tell_footer(story: Story) -> str:
    subject = story.review.workload if story.review else "AWS shared responsibility"
    return "   ·   ".join(filter(None, (subject, story.head.date, story.head.catalogue)))


def _add_cover(deck: Deck, story: Story) -> None:
    lines = ["AWS shared responsibility", *story.head.lines()]
    if story.review and (changes := count_changes(story.review)):
        lines.append(f"Duties: {changes}")
    deck.add_cover(story.head.title, lines, (
        "Says who has the work, not whether it is done. No legal advice. Not made or reviewed by AWS."
        f"\nServices: {', '.join(story.matrix.services)}"
    ))  # fmt: skip


def _add_summary(deck: Deck, story: Story) -> None:
    """Owners by layer group, the duties of highest priority, and blind spots, on one slide."""
    if isinstance(story.what, Comparison):
        return  # Its services stand for one another: what changes hands is its summary.
    slide = deck.add_slide(_say_summary(story), _tell_why(story.duties[:TOP]))
    area = slide.area
    if story.matrix.services:
        slide.add_text(
            area.part(0, 0, 0.4, 0.06), ["Owners by layer group, in cells"], 12, bold=True
        )
        slide.add_bars(area.part(-0.01, 0.06, 0.42, 0.6), *_count_groups(story.matrix))
    slide.add_text(area.part(0, 0.69, 0.4, 0.06), [_name_blind(story)], 12, bold=True)
    slide.add_text(area.part(0, 0.75, 0.4, 0.25), _list_blind(story), 10)
    urgent = [row for row in story.duties if row["status"] in ("open", "in progress")][:TOP]
    slide.add_text(area.part(0.44, 0, 0.56, 0.06), ["The most urgent duties"], 12, bold=True)
    box = area.part(0.44, 0.07, 0.56, 0.93)
    widths = [box.width * share for share in (0.2, 0.55, 0.25)]
    head = make_line(
        [Cell(text, 10, bold=True) for text in ("Layer", "What to do", "For")], widths, is_head=True
    )
    lines = [make_line(_tell_short(story, row), widths) for row in urgent]
    slide.add_table(box, widths, next(cut_pages([head], lines, box.height), [head]), "Duties")


def _say_summary(story: Story) -> str:
    urgent = sum(row["priority"] == 1 for row in story.duties)
    services = len(story.matrix.services)
    what = f"{len(story.duties)} duties are yours, {urgent} of them most urgent"
    return f"{what}, over {services} service{'' if services == 1 else 's'}"


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
        contested = sum(
            bool(story.matrix.claims[id][layer].cell.contested)
            for id in story.matrix.services for layer in story.matrix.layers
        )  # fmt: skip
        return [f"AWS says otherwise elsewhere for {contested} cells, marked *", "It judges defaults: cells marked ° move with a setting"]  # fmt: skip
    expected = [item["name"] for item in story.review.expected.to_dict("records")]
    told = [f"Not seen in the files: {', '.join(expected[:4])}" + (f" and {len(expected) - 4} more" if len(expected) > 4 else "")] if expected else []  # fmt: skip
    notes = story.review.notes
    shown = notes[: room - 1 - len(told)]
    rest = len(notes) - len(shown)
    lines = told + [_shorten(line, 130) for line in shown]
    lines += [f"and {rest} more, in “What was not seen”"] if rest else []
    return lines or ["None: every resource in the files has a row"]


def _tell_short(story: Story, row: Row) -> list[Cell]:
    layer = story.matrix.catalogue.layers[row["layer"]].name
    return [
        Cell(layer, 12, bold=True),
        Cell(row["text"], 12),
        Cell(_list_few(row["services"], 4), 11),
    ]


def _tell_why(duties: Sequence[Row]) -> str:
    """Speaker notes: for each duty the pages that say so."""
    return "\n".join(
        line
        for row in duties
        for line in [f"{row['duty']}: {row['text']}", *(f"  {s['section']}: {s['url']}" for s in row["sources"])]
    )  # fmt: skip


def _add_hands(deck: Deck, story: Story) -> None:
    """What we stop doing, still owe and newly owe, on one slide; of a comparison also the words."""
    if isinstance(story.what, Comparison):
        _add_step(deck, story, story.what)
        return
    base = story.review.base if story.review else story.matrix
    if GROUND not in base.claims or not story.matrix.services:
        return
    traced = _trace(story, base)
    layers = story.matrix.catalogue.layers
    names = [layers[id].name for id in traced]
    counts = {kind: sum(bool(each[kind]) for each in traced.values()) for kind in KINDS}
    slide = deck.add_slide(
        f"Beside your own machines: work ends in {counts['stops']} layers, stays in {counts['stays']}, is new in {counts['new']}",
        "\n".join(f"{name}: {KINDS[kind].lower()}: {', '.join(each[kind])}"
                  for name, each in zip(names, traced.values(), strict=True) for kind in KINDS if each[kind])
        + f"\n{HANDS_NOTE}",
    )  # fmt: skip
    widths = [slide.area.width * share for share in (0.16, 0.28, 0.28, 0.28)]
    head = make_line(
        [Cell(text, 10, bold=True) for text in ("Layer", *KINDS.values())], widths, is_head=True
    )
    lines = [
        make_line([Cell(name, 9, bold=True), *(Cell(_fit_list(each[kind], widths[1]), 9) for kind in KINDS)], widths, above=1.0)
        for name, each in zip(names, traced.values(), strict=True)
    ]  # fmt: skip
    slide.add_table(slide.area, widths, [head, *lines], "What changes hands")


KINDS = {"stops": "We stop doing, for", "stays": "We still owe, for", "new": "We newly owe, for"}
HANDS_NOTE = (
    "Compared with the catalogue's row on-premises. Stops: AWS, or nobody, has the work now. Still: the "
    "customer has it, wholly or in part. New: a duty that the service itself brings."
)


def _trace(story: Story, base: Matrix) -> dict[str, dict[str, list[str]]]:
    """Layer -> stops, stays, new -> the services for which it is so."""
    ground = base.claims[GROUND]
    found = {id: trace_hands(ground, story.matrix.claims[id]) for id in story.matrix.services}
    return {
        layer: {kind: [id for id in found if kind in found[id][layer]] for kind in KINDS}
        for layer in story.matrix.layers
    }


def _add_step(deck: Deck, story: Story, comparison: Comparison) -> None:
    """From the first service to the last: the layers in three lists, then their words."""
    matrix = comparison.matrix
    before, after = (matrix.claims[matrix.services[place]] for place in (0, -1))
    traced = trace_hands(before, after)
    names = {id: matrix.catalogue.layers[id].name for id in matrix.layers}
    slide = deck.add_slide(
        f"{matrix.services[0]} → {matrix.services[-1]}: {comparison.summary}",
        "\n".join(f"{names[id]}: {matrix.claims[s][id].cell.why}" for id in matrix.layers for s in matrix.services if matrix.claims[s][id].cell.why),
    )  # fmt: skip
    for place, (kind, title) in enumerate(STEPS.items()):
        held = [names[id] for id in matrix.layers if kind in traced[id]]
        slide.add_text(
            slide.area.part(place * 0.34, 0, 0.3, 0.08), [f"{title} ({len(held)})"], 16, bold=True
        )
        slide.add_text(slide.area.part(place * 0.34, 0.1, 0.3, 0.9), held or ["nothing"], 13)
    for kind, title, claims in (("stops", "What we stop doing", before), ("new", "What we newly owe", after), ("stays", "What we still owe", after)):  # fmt: skip
        rows = [
            [Cell(names[id], 11, bold=True), Cell(claims[id].cell.customer_duty or "", 11), Cell(after[id].cell.aws_duty or "", 11)]
            for id in matrix.layers if kind in traced[id]
        ]  # fmt: skip
        heads = ("Layer", "It was ours" if kind == "stops" else "Ours", "AWS does")
        links = [
            f"{names[id]}: {matrix.catalogue.sources[each.id].url}"
            for id in matrix.layers
            if kind in traced[id]
            for each in after[id].cell.sources
        ]
        _add_table(deck, title, heads, (0.16, 0.44, 0.4), rows, "\n".join(links))


STEPS = {"stops": "We stop doing", "stays": "We still owe", "new": "We newly owe"}


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
    _add_table(deck, f"Duties: {changes}", ("Change", "Duty", "What to do"),
               (0.2, 0.25, 0.55), rows, _tell_why([row for row in changed if row.get("sources")]))  # fmt: skip


def _add_map(deck: Deck, story: Story) -> None:
    if story.matrix.services:
        counts = count_resources(story.review) if story.review else {}
        add_heatmaps(deck, story.matrix, counts)


def _add_duties(deck: Deck, story: Story) -> None:
    """The duties by the team that has them, where a record names teams, else by layer group."""
    if isinstance(story.what, Comparison):
        return  # They are told from the first service to the last.
    layers = story.matrix.catalogue.layers
    teams = any(row["owner"] for row in story.duties)
    decided = story.review is not None and story.review.record is not None
    shares = (0.06, 0.13, 0.37, 0.18, 0.15, 0.11) if decided else (0.06, 0.14, 0.4, 0.2, 0.2)
    heads = ("Priority", "Layer", "What to do", "For", "AWS tools", "Owner, status")[: len(shares)]
    for name, rows in _group_duties(story, teams):
        cells = []
        for row in rows:
            theirs = f" [{row['origin']}]" if row["origin"] != CATALOGUE else ""
            line = [Cell(str(row["priority"]), 10, bold=row["priority"] == 1), Cell(layers[row["layer"]].name, 10),
                    Cell(row["text"] + theirs, 10), Cell(_list_few(row["services"], 6), 9), Cell(_list_few(row["tools"], 3), 9)]  # fmt: skip
            if decided:
                line.append(
                    Cell(
                        "\n".join(filter(None, (row["owner"], row["status"], row["exception"]))), 9
                    )
                )
            cells.append(line)
        urgent = sum(row["priority"] == 1 for row in rows)
        count = f"{len(rows)} {'duty' if len(rows) == 1 else 'duties'}"
        title = f"{name}: {count}" + (f", {urgent} most urgent" if urgent else "")
        _add_table(deck, title, heads, shares, cells, "", [_tell_why([row]) for row in rows])


def _group_duties(story: Story, teams: bool) -> Iterator[tuple[str, list[Row]]]:
    layers = story.matrix.catalogue.layers

    def key(row: Row) -> str:
        return row["owner"] or "No owner yet" if teams else layers[row["layer"]].group.capitalize()

    found = {key(row) for row in story.duties}
    order = (
        sorted(found - {"No owner yet"})
        if teams
        else list(dict.fromkeys(each.group.capitalize() for each in layers.values()))
    )
    for name in [*order, *(["No owner yet"] if teams and "No owner yet" in found else [])]:
        rows = [row for row in story.duties if key(row) == name]
        if rows:
            yield name, rows


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
    _add_table(
        deck,
        "Expected of every account and not seen",
        ("Priority", "Item", "What to do"),
        (0.08, 0.24, 0.68),
        rows,
        links,
    )
    notes = [[Cell(line, 10)] for line in story.review.notes]
    _add_table(
        deck, "What was not seen", ("Not known, assumed or set in the files",), (1.0,), notes, ""
    )


def _add_record(deck: Deck, story: Story) -> None:
    if story.review is None:
        return
    rows = [
        [Cell(label, 11, bold=True), Cell(text, 11)] for label, text in list_record(story.review)
    ]
    _add_table(deck, "What was decided", ("Record", ""), (0.2, 0.8), rows, "")


def _add_sources(deck: Deck, story: Story) -> None:
    """Every page cited, two beside each other, each a link."""
    pages = list_sources(story.what)
    half = (len(pages) + 1) // 2
    cells = [
        [Cell(_shorten(page["title"], 80), 9, link=page["url"]), Cell(_date_of(page), 9)]
        for page in pages
    ]
    cells += [[Cell("", 9), Cell("", 9)]] * (2 * half - len(pages))
    rows = [left + right for left, right in zip(cells[:half], cells[half:], strict=True)]
    _add_table(deck, f"Sources: {len(pages)} pages of AWS", ("Page", "As of", "Page", "As of"), (0.41, 0.09, 0.41, 0.09), rows,
               "As of: the date of the copy that was read, or the day it was read.")  # fmt: skip


def _date_of(page: Row) -> str:
    return str(page["as_of"] if page["as_of"] != "unknown" else page["read"])


def _add_table(
    deck: Deck,
    title: str,
    heads: Sequence[str],
    shares: Sequence[float],
    rows: Sequence[Sequence[Cell]],
    notes: str,
    why: Sequence[str] = (),
) -> None:
    """As many slides as the rows take, each with the head again and notes of its own rows."""
    if not rows:
        return
    widths = [deck.area.width * share for share in shares]
    head = make_line([Cell(text, 10, bold=True) for text in heads], widths, is_head=True)
    lines = [make_line(row, widths) for row in rows]
    pages = list(cut_pages([head], lines, deck.area.height))
    start = 0
    for number, page in enumerate(pages, 1):
        count = len(page) - 1
        told = f"{title} ({number} of {len(pages)})" if len(pages) > 1 else title
        slide = deck.add_slide(told, "\n".join(why[start : start + count]) or notes)
        slide.add_table(slide.area, widths, page, title)
        start += count


def _list_few(names: Sequence[str], room: int) -> str:
    shown = ", ".join(names[:room])
    return f"{shown} and {len(names) - room} more" if len(names) > room else shown


def _fit_list(names: Sequence[str], width: float, size: float = 9) -> str:
    """As many names as one row of a column holds, and how many more there are."""
    room = int((width - 2 * MARGIN[0]) / (size * LETTER * 1.05))
    for count in range(len(names), 0, -1):
        told = _list_few(names, count)
        if len(told) <= room:
            return told
    return f"{len(names)} services" if names else ""


def _shorten(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rsplit(" ", 1)[0] + " …"
