"""Colours, letters and words of a cell: the only place that knows them."""

from __future__ import annotations

import html

from srmlib.catalogue import CATALOGUE, Claim
from srmlib.matrix import Matrix
from srmlib.schema import WITH_WORK, Cell

# Blue, sand and orange differ for every kind of colour vision, and in lightness for grey prints.
COLOURS = {
    "aws": "#2b5c8a",
    "shared": "#f3dc9b",
    "customer": "#e0752d",
    "third-party": "#7d6b99",
    "not-applicable": "#f2f2f2",
}
LETTERS = {"aws": "A", "shared": "S", "customer": "C", "third-party": "T", "not-applicable": "–"}
# Each at least 4.5 to 1 on its cell: WCAG AA for text of any size.
LETTER_COLOURS = {
    "aws": "#ffffff",
    "shared": "#111820",
    "customer": "#111820",
    "third-party": "#ffffff",
    "not-applicable": "#5b6770",
}
NAMES = {
    "aws": "AWS",
    "shared": "Shared",
    "customer": "Customer",
    "third-party": "Third party",
    "not-applicable": "Not applicable",
}
# A control is inherited where AWS alone has its layers; the other answers bear the owners' names.
ANSWER_OWNERS = {"inherited": "aws"} | {owner: owner for owner in COLOURS if owner != "aws"}
ANSWER_NAMES = {"inherited": "Inherited"} | {id: NAMES[id] for id in NAMES if id != "aws"}
ANSWER_LETTERS = {"inherited": "I"} | {id: LETTERS[id] for id in LETTERS if id != "aws"}
BASIS_NAMES = {
    "stated": "stated by AWS for this service",
    "model": "follows from AWS's statement about the delivery model",
    "interpreted": "our reading",
}
INK = "#22303c"
QUIET = "#5b6770"
FONT = "Open Sans, DejaVu Sans, Arial, sans-serif"
KEY = (
    "<b>A</b> bold: AWS states it for this service   ·   <i>a</i> small italic: from the delivery "
    "model, or our reading   ·   * AWS contests it elsewhere   ·   ° a setting moves it"
)
ARROW_NOTE = "   ·   ▲ leaves you   ·   ▼ comes to you"
COUNT_NOTE = "   ·   (2) resources in the files"


def escape(text: str) -> str:
    """Text that plotly and a browser show as it stands: no tag in it works."""
    return html.escape(text, quote=False)


def letter(claim: Claim) -> str:
    """A cell's mark: bold capital where stated, small italic else; * contested, ° movable."""
    cell = claim.cell
    sign = LETTERS[cell.owner]
    if cell.owner != "not-applicable":
        sign = f"<b>{sign}</b>" if cell.basis == "stated" else f"<i>{sign.lower()}</i>"
    if claim.origin != CATALOGUE:
        sign = f"[{sign}]"
    return sign + doubts(cell)


def doubts(cell: Cell) -> str:
    """The marks behind a cell's letter: * where AWS says otherwise, ° where a setting moves it."""
    return ("*" if cell.contested else "") + ("°" if cell.unless else "")


def tell_basis(claim: Claim) -> str:
    """Why it is said; a reading that stands in an overlay is its readers', not ours."""
    if claim.cell.basis == "interpreted" and claim.origin != CATALOGUE:
        return f"the reading of {claim.origin}"
    return BASIS_NAMES[claim.cell.basis]


def describe(matrix: Matrix, service: str, layer: str) -> str:
    """The hover text of a cell: both duties, basis and sources, as lines of simple HTML."""
    catalogue = matrix.catalogue
    claim = matrix.claims[service][layer]
    cell = claim.cell
    owner = NAMES[cell.owner] + (f" ({cell.third_party})" if cell.third_party else "")
    head = f"<b>{escape(catalogue.services[service].name)} · {escape(catalogue.layers[layer].name)}</b>"
    lines = [head, f"Owner: <b>{escape(owner)}</b>{f', {cell.split}' if cell.split else ''}"]
    lines += _wrap("AWS", cell.aws_duty) + _wrap("Customer", cell.customer_duty)
    lines += _wrap("Basis", tell_basis(claim)) + _wrap("Why", cell.why)
    lines += [
        line
        for each in cell.unless
        for line in _wrap("Unless", f"{each.setting} is {each.value}: {NAMES[each.owner]}")
    ]
    lines += [line for each in cell.contested for line in _wrap("AWS elsewhere", NAMES[each.owner])]
    for each in cell.sources:
        lines += _wrap("Source", f"{catalogue.sources[each.id].title}: {each.section}")
    if claim.origin != CATALOGUE:
        lines += _wrap("Origin", claim.origin)
    return "<br>".join(lines)


def tell_cell(matrix: Matrix, service: str, layer: str) -> str:
    """All that is known of a cell, as HTML: duties, basis, sources, settings, contests, tools."""
    catalogue = matrix.catalogue
    claim = matrix.claims[service][layer]
    cell = claim.cell
    row, column = catalogue.services[service], catalogue.layers[layer]
    owner = NAMES[cell.owner] + (f": {cell.third_party}" if cell.third_party else "")
    parts = [
        f"<h4>{escape(row.name)} · {escape(column.name)}</h4>",
        f"<p>{escape(column.question)}</p>",
    ]
    parts.append(_say("Owner", owner + (f", {cell.split}" if cell.split else "")))
    parts += [_say("AWS", cell.aws_duty), _say("You", cell.customer_duty)]
    since = f"resources made before {cell.since} behave differently" if cell.since else None
    parts += [_say("Since", since), _say("Basis", tell_basis(claim)), _say("Why", cell.why)]
    for each in cell.unless:
        told = f"{each.setting} is {each.value}: {NAMES[each.owner]}. {each.duty or ''}"
        parts.append(_say("Unless", told))
    for contest in cell.contested:
        page = _link(matrix, contest.source, contest.section)
        parts.append(f"<p><b>AWS elsewhere</b> {escape(NAMES[contest.owner])}: {page}</p>")
    for source in cell.sources:
        parts.append(f"<p><b>Source</b> {_link(matrix, source.id, source.section)}</p>")
    parts.append(_say("Checked against the page", cell.verified))
    if claim.origin != CATALOGUE:
        parts.append(_say("Origin", claim.origin))
    if cell.owner in WITH_WORK:
        tools = [f"{each.name} ({each.how})" for each in catalogue.list_tools(layer, [service])]
        parts += [_say("Tool", tool) for tool in tools[:6]]
    return "".join(parts)


def _say(label: str, text: str | None) -> str:
    return f"<p><b>{label}</b> {escape(text)}</p>" if text else ""


def _link(matrix: Matrix, id: str, section: str) -> str:
    page = matrix.catalogue.sources[id]
    date = page.as_of if page.as_of != "unknown" else f"read {page.read}"
    href = html.escape(page.url)
    told = escape(f"{page.title}: {section}")
    return f'<a href="{href}" target="_blank" rel="noopener">{told}</a> ({date})'


def _wrap(label: str, text: str | None) -> list[str]:
    return escape(_break_lines(f"{label}: {text}")).split("\n") if text else []


def _break_lines(text: str, room: int = 78) -> str:
    """Lines broken at spaces only; textwrap took half the time of a whole figure."""
    lines = []
    while len(text) > room:
        cut = text.rfind(" ", 0, room + 1)
        if cut < 0:
            cut = text.find(" ")
        if cut < 0:
            break
        lines.append(text[:cut])
        text = text[cut + 1 :]
    return "\n".join([*lines, text])
