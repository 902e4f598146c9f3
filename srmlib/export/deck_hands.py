"""What changes hands: beside machines of one's own, or from one service to another."""

from __future__ import annotations

from collections.abc import Mapping

from srmlib.catalogue import Claim
from srmlib.export.deck import Deck
from srmlib.export.deck_story import Story, add_table, fit_list
from srmlib.export.deck_tables import Cell, make_line
from srmlib.matrix import Matrix
from srmlib.shift import Comparison, trace_hands

# Moves of a review are told against running everything on one's own machines.
GROUND = "on-premises"
KINDS = {"stops": "We stop doing", "stays": "We still owe", "new": "We newly owe"}
GROUND_NOTE = (
    "Compared with the catalogue's row on-premises. Stops: AWS, or nobody, has the work now. Still: the "
    "customer has it, wholly or in part. New: a duty that the service itself brings."
)
Traced = dict[str, dict[str, list[str]]]


def add_hands(deck: Deck, story: Story) -> None:
    """What we stop doing, still owe and newly owe, on one slide; of a comparison also the words."""
    base = story.review.base if story.review else story.matrix
    if isinstance(story.what, Comparison):
        _add_step(deck, story.what)
    elif GROUND in base.claims and story.matrix.services:
        _add_ground(deck, story, _trace(story, base))


def _add_ground(deck: Deck, story: Story, traced: Traced) -> None:
    """Layer by layer, for which services work ends, stays and is new."""
    names = {id: story.matrix.catalogue.layers[id].name for id in traced}
    counts = {kind: sum(bool(each[kind]) for each in traced.values()) for kind in KINDS}
    title = (
        f"Beside your own machines: work ends in {counts['stops']} layers, "
        f"stays in {counts['stays']}, is new in {counts['new']}"
    )
    told = [
        f"{names[id]}: {KINDS[kind].lower()}, for: {', '.join(each[kind])}"
        for id, each in traced.items() for kind in KINDS if each[kind]
    ]  # fmt: skip
    slide = deck.add_slide(title, "\n".join([*told, GROUND_NOTE]))
    widths = [slide.area.width * share for share in (0.16, 0.28, 0.28, 0.28)]
    heads = ("Layer", *(f"{title}, for" for title in KINDS.values()))
    head = make_line([Cell(text, 10, bold=True) for text in heads], widths, is_head=True)
    lines = [
        make_line(_tell_layer(names[id], each, widths[1] * deck.fit), widths, above=1.0)
        for id, each in traced.items()
    ]
    slide.add_table(slide.area, widths, [head, *lines], "What changes hands")


def _tell_layer(name: str, services: dict[str, list[str]], room: float) -> list[Cell]:
    return [Cell(name, 9, bold=True), *(Cell(fit_list(services[kind], room), 9) for kind in KINDS)]


def _trace(story: Story, base: Matrix) -> Traced:
    """Layer -> stops, stays, new -> the services for which it is so."""
    ground = base.claims[GROUND]
    found = {id: trace_hands(ground, story.matrix.claims[id]) for id in story.matrix.services}
    return {
        layer: {kind: [id for id in found if kind in found[id][layer]] for kind in KINDS}
        for layer in story.matrix.layers
    }


def _add_step(deck: Deck, comparison: Comparison) -> None:
    """From the first service to the last: the layers in three lists, then their words."""
    matrix = comparison.matrix
    before, after = (matrix.claims[matrix.services[place]] for place in (0, -1))
    traced = trace_hands(before, after)
    held = {kind: [id for id in matrix.layers if kind in traced[id]] for kind in KINDS}
    _add_lists(deck, comparison, held)
    for kind, claims in (("stops", before), ("new", after), ("stays", after)):
        _add_words(deck, matrix, held[kind], KINDS[kind], claims, after)


def _add_lists(deck: Deck, comparison: Comparison, held: dict[str, list[str]]) -> None:
    matrix = comparison.matrix
    title = f"{matrix.services[0]} → {matrix.services[-1]}: {comparison.summary}"
    why = [
        f"{matrix.catalogue.layers[layer].name}, {id}: {cell.why}"
        for layer in matrix.layers for id in matrix.services
        for cell in [matrix.claims[id][layer].cell] if cell.why
    ]  # fmt: skip
    slide = deck.add_slide(title, "\n".join(why))
    for place, (kind, ids) in enumerate(held.items()):
        names = [matrix.catalogue.layers[id].name for id in ids] or ["nothing"]
        top = slide.area.part(place * 0.34, 0, 0.3, 0.08)
        slide.add_text(top, [f"{KINDS[kind]} ({len(ids)})"], 16, bold=True)
        slide.add_text(slide.area.part(place * 0.34, 0.1, 0.3, 0.9), names, 13)


def _add_words(
    deck: Deck,
    matrix: Matrix,
    layers: list[str],
    title: str,
    ours: Mapping[str, Claim],
    theirs: Mapping[str, Claim],
) -> None:
    """Both sides' duties, layer by layer; the notes have the pages that say so."""
    catalogue = matrix.catalogue
    rows = [
        [Cell(catalogue.layers[id].name, 11, bold=True), Cell(ours[id].cell.customer_duty or "", 11),
         Cell(theirs[id].cell.aws_duty or "", 11)]
        for id in layers
    ]  # fmt: skip
    links = [
        f"{catalogue.layers[id].name}: {catalogue.sources[each.id].url}"
        for id in layers for each in theirs[id].cell.sources
    ]  # fmt: skip
    heads = ("Layer", "It was ours" if ours is not theirs else "Ours", "AWS does")
    add_table(deck, title, heads, (0.16, 0.44, 0.4), rows, "\n".join(links))
