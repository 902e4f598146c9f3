"""What changes hands: beside machines of one's own, or from one service to another."""

from __future__ import annotations

from srmlib.export.deck import Deck
from srmlib.export.deck_story import Story, add_table, fit_list
from srmlib.export.deck_tables import Cell, make_line
from srmlib.matrix import Matrix
from srmlib.shift import Comparison, trace_hands

# Moves of a review are told against running everything on one's own machines.
GROUND = "on-premises"


KINDS = {"stops": "We stop doing, for", "stays": "We still owe, for", "new": "We newly owe, for"}


HANDS_NOTE = (
    "Compared with the catalogue's row on-premises. Stops: AWS, or nobody, has the work now. Still: the "
    "customer has it, wholly or in part. New: a duty that the service itself brings."
)


STEPS = {"stops": "We stop doing", "stays": "We still owe", "new": "We newly owe"}


def add_hands(deck: Deck, story: Story) -> None:
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
        make_line([Cell(name, 9, bold=True), *(Cell(fit_list(each[kind], widths[1] * deck.fit), 9) for kind in KINDS)], widths, above=1.0)
        for name, each in zip(names, traced.values(), strict=True)
    ]  # fmt: skip
    slide.add_table(slide.area, widths, [head, *lines], "What changes hands")


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
        add_table(deck, title, heads, (0.16, 0.44, 0.4), rows, "\n".join(links))
