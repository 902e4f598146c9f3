"""The heatmap that a class fills, and what of it was right."""

from __future__ import annotations

from typing import Any

from srmlib.answers import Answers, Place, find_truth, tell_score
from srmlib.figures.cells import owner_traces, step_colours
from srmlib.figures.columns import label_columns
from srmlib.figures.layouts import SMALL, Size, heatmap_layout
from srmlib.figures.marks import COLOURS, INK, LETTER_COLOURS, LETTERS, NAMES, QUIET, escape
from srmlib.matrix import Matrix, Row
from srmlib.schema import OWNERS

Spec = dict[str, Any]
# Blank cells have to be seen on white; the ground of wrong ones is the lightest of all.
BLANK, WRONG = "#dfe5ec", "#ffffff"
GROUNDS = (BLANK, WRONG, *(COLOURS[owner] for owner in OWNERS))
ASK_NOTE = "Click a cell again and again: it goes round all owners, and to blank"
TOLD_NOTE = "Outlined: wrong, <b>your answer→the owner</b>   ·   <i>→owner</i>: not answered"


def quiz_spec(
    matrix: Matrix, answers: Answers, choices: tuple[str, ...], title: str, size: Size = SMALL
) -> Spec:
    """The heatmap of answers before the truth is shown: data and layout; columns as in `matrix`."""
    labels = label_columns(matrix, matrix.services)
    layout = heatmap_layout(matrix, labels, escape(title), size)
    layout["annotations"][0]["text"] = ASK_NOTE
    cells = {
        "type": "heatmap", "x": list(range(len(labels))), "y": list(range(len(matrix.layers))),
        "zmin": -0.5, "zmax": len(GROUNDS) - 0.5, "colorscale": step_colours(GROUNDS),
        "showscale": False, "xgap": 1.5, "ygap": 1.5, "texttemplate": "%{text}",
        "textfont": {"size": size.font}, "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip
    cells |= quiz_cells(matrix, answers, is_revealed=False)
    return {"data": [cells, *owner_traces(choices)], "layout": layout}


def quiz_cells(matrix: Matrix, answers: Answers, *, is_revealed: bool) -> Spec:
    """What an answer, or the truth, changes of the cells: z, text and hovertext."""
    ground, mark, tell = (
        (_ground_told, _mark_told, _tell) if is_revealed else (_ground, _mark, ask_cell)
    )
    grid = [[(service, layer) for service in matrix.services] for layer in matrix.layers]
    return {
        "z": [[ground(matrix, place, answers.get(place)) for place in row] for row in grid],
        "text": [[mark(matrix, place, answers.get(place)) for place in row] for row in grid],
        "hovertext": [[tell(matrix, place, answers.get(place)) for place in row] for row in grid],
    }  # fmt: skip


def quiz_outlines(matrix: Matrix, answers: Answers) -> list[Spec]:
    """A frame around each wrong answer."""
    return [
        {"type": "rect", "x0": column - 0.48, "x1": column + 0.48, "y0": row - 0.42, "y1": row + 0.42,
         "line": {"color": INK, "width": 2.5}}
        for column, service in enumerate(matrix.services)
        for row, layer in enumerate(matrix.layers)
        if answers.get((service, layer)) not in (None, find_truth(matrix, (service, layer)))
    ]  # fmt: skip


def tell_scores(scores: list[Row]) -> str:
    """The score as a line, and as a table by layer group."""
    lines = [
        f"<tr><td>{escape(row['group'].capitalize())}</td>"
        f"<td>{row['right']} of {row['answered']}</td><td>{row['of']}</td></tr>"
        for row in scores
    ]
    head = "<tr><th>Layer group</th><th>right</th><th>cells</th></tr>"
    return f"<p><b>{tell_score(scores)}</b></p><table>{head}{''.join(lines)}</table>"


def _ground(matrix: Matrix, place: Place, answer: str | None) -> int:
    return 2 + OWNERS.index(answer) if answer else 0


def _ground_told(matrix: Matrix, place: Place, answer: str | None) -> int:
    is_wrong = answer not in (None, find_truth(matrix, place))
    return 1 if is_wrong else _ground(matrix, place, answer)


def _mark(matrix: Matrix, place: Place, answer: str | None) -> str:
    if answer is None:
        return ""
    return _colour(f"<b>{LETTERS[answer]}</b>", LETTER_COLOURS[answer])


def _mark_told(matrix: Matrix, place: Place, answer: str | None) -> str:
    truth = find_truth(matrix, place)
    if answer == truth:
        return _mark(matrix, place, answer)
    if answer is None:
        return _colour(f"<i>→{LETTERS[truth]}</i>", QUIET)
    return _colour(f"<b>{LETTERS[answer]}→{LETTERS[truth]}</b>", INK)


def _colour(text: str, colour: str) -> str:
    return f'<span style="color:{colour}">{text}</span>'


def _name(matrix: Matrix, place: Place) -> str:
    return f"{place[0]} · {matrix.catalogue.layers[place[1]].name}"


def ask_cell(matrix: Matrix, place: Place, answer: str | None) -> str:
    """The question of a cell, which must not give the answer away."""
    question = matrix.catalogue.layers[place[1]].question
    given = f"<br>Your answer: <b>{NAMES[answer]}</b>" if answer else ""
    return f"<b>{escape(_name(matrix, place))}</b><br>{escape(question)}{given}"


def _tell(matrix: Matrix, place: Place, answer: str | None) -> str:
    told = NAMES[answer] if answer else "none"
    owner = NAMES[find_truth(matrix, place)]
    return f"<b>{escape(_name(matrix, place))}</b><br>Your answer: {told}<br>Owner: <b>{owner}</b>"
