"""Which team has which cell of the customer's half, and where nobody has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from srmlib.errors import SrmError
from srmlib.figures.cells import step_colours
from srmlib.figures.columns import label_columns, order_columns
from srmlib.figures.layouts import PAGE, SMALLEST_NAME, heatmap_layout
from srmlib.figures.marks import INK, LETTERS, QUIET, escape
from srmlib.teams import GAP, TeamSplit

if TYPE_CHECKING:
    import plotly.graph_objects as go

# They differ for every kind of colour vision; the letters tell them apart in grey.
TEAM_COLOURS = ("#8ecae6", "#ffd166", "#b7e4c7", "#f4a6c0", "#cdb4db", "#d9c5a0", "#a3b1bf")
GAP_COLOUR, NOT_OURS = "#1b1b1b", "#f2f2f2"
NOTE = "Responsible/accountable   ·   ! nobody has accepted it   ·   grey: not the customer's"


def teams_chart(split: TeamSplit, title: str | None = None) -> go.Figure:
    """Layers by services, each cell with customer work in its team's colour and letters.

    Where another team is accountable its letters stand behind a stroke; black cells with ! are gaps.
    """
    import plotly.graph_objects as go

    matrix = split.matrix.select(services=order_columns(split.matrix))
    if len(split.teams.teams) > len(TEAM_COLOURS):
        raise SrmError(
            f"{len(split.teams.teams)} teams are more than colours tell apart; draw "
            f"{len(TEAM_COLOURS)} at most"
        )
    heading = title or escape(f"Who does the customer's half: {split.summary}")
    labels = label_columns(matrix, matrix.services)
    layout = heatmap_layout(matrix, labels, heading, PAGE)
    layout["annotations"][0]["text"] = NOTE
    data = [_cells(split, matrix.services), *_legend(split)]
    return go.Figure({"data": data, "layout": layout}, skip_invalid=False)


def _cells(split: TeamSplit, services: tuple[str, ...]) -> dict[str, Any]:
    places = {GAP: 1} | {id: place for place, id in enumerate(split.teams.teams, 2)}
    colours = [NOT_OURS, GAP_COLOUR, *TEAM_COLOURS[: len(split.teams.teams)]]
    rows = [[split.held.get((id, layer)) for id in services] for layer in split.matrix.layers]
    marks = [[_mark(split, id, layer) for id in services] for layer in split.matrix.layers]
    steps = len(colours)
    return {
        "type": "heatmap", "x": list(range(len(services))), "y": list(range(len(rows))),
        "z": [[places[cell[0]] if cell else 0 for cell in row] for row in rows],
        "zmin": -0.5, "zmax": steps - 0.5, "showscale": False, "xgap": 1.5, "ygap": 1.5,
        "colorscale": step_colours(colours),
        "text": marks, "texttemplate": "%{text}",
        "textfont": {"size": _fit_marks(split, len(services))},
        "hovertext": [
            [_tell(split, id, layer) for id in services] for layer in split.matrix.layers
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _fit_marks(split: TeamSplit, columns: int) -> int:
    """The size at which two teams' letters still fit a column; a bold letter is 0.68 of it wide."""
    letters = {GAP: "!"} | letter_teams(split)
    longest = max(
        (len("/".join(letters[id] for id in dict.fromkeys(held))) for held in split.held.values()),
        default=1,
    )
    room = (PAGE.width - PAGE.left - PAGE.right) / columns
    return max(SMALLEST_NAME, min(PAGE.font, int(room / (0.68 * longest))))


def _mark(split: TeamSplit, service: str, layer: str) -> str:
    """The responsible team's letters, and the accountable one's where it is another."""
    held = split.held.get((service, layer))
    if held is None:
        owner = split.matrix.claims[service][layer].cell.owner
        return f'<span style="color:{QUIET}">{LETTERS[owner].lower()}</span>'
    letters = {GAP: "!"} | letter_teams(split)
    told = letters[held[0]] if held[0] == held[1] else "/".join(letters[id] for id in held)
    ink = "#ffffff" if held[0] == GAP else INK
    return f'<span style="color:{ink}"><b>{escape(told)}</b></span>'


def letter_teams(split: TeamSplit) -> dict[str, str]:
    """As few letters of each team's id as tell it from the others."""
    ids = list(split.teams.teams)
    for length in range(1, 4):
        letters = {id: id.replace("-", "")[:length].upper() for id in ids}
        if len(set(letters.values())) == len(ids):
            return letters
    return {id: str(number) for number, id in enumerate(ids, 1)}


def _tell(split: TeamSplit, service: str, layer: str) -> str:
    cell = split.matrix.claims[service][layer].cell
    name = split.matrix.catalogue.layers[layer].name
    held = split.held.get((service, layer))
    if held is None:
        return escape(f"{service} · {name}: {cell.owner}")
    who = [split.teams.teams.get(id, GAP) for id in held]
    return (
        f"<b>{escape(f'{service} · {name}')}</b><br>Responsible: {escape(who[0])}<br>"
        f"Accountable: {escape(who[1])}"
    )


def _legend(split: TeamSplit) -> list[dict[str, Any]]:
    letters = letter_teams(split)
    named = [
        (f"{letters[id]} {escape(name)}", TEAM_COLOURS[place])
        for place, (id, name) in enumerate(split.teams.teams.items())
    ]
    return [
        {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "name": name,
         "hoverinfo": "skip", "marker": {"symbol": "square", "size": 14, "color": colour,
                                         "line": {"width": 1, "color": "#8a8a8a"}}}
        for name, colour in [*named, ("! Nobody", GAP_COLOUR)]
    ]  # fmt: skip
