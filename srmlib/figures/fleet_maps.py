"""How many duties each account of an organisation has, layer by layer, however many accounts."""

from __future__ import annotations

from statistics import mean, pvariance
from typing import TYPE_CHECKING, Any, NamedTuple

from srmlib.errors import SrmError
from srmlib.figures.layouts import BOTTOM, PAGE, TOP, base_layout, key_note, lay_parts
from srmlib.figures.marks import QUIET, escape
from srmlib.matrix import count_noun, suggest

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from srmlib.fleet import Fleet

# One hue from light to dark: the number is read in grey and with every kind of colour vision.
NUMBERS = [[0, "#fdf6ee"], [0.35, "#f0b27a"], [0.7, "#b65a1d"], [1, "#4a1f06"]]
# White reads on darker shades, black on the others: at least 4.5 to 1 on every one of them.
DARK = 0.69
# More columns have no room for names; accounts that are alike then share one.
MOST_COLUMNS = 30
MOST_ROWS = 40
ALONE = "a column: one account"
SHARED = "a column: accounts that are alike, by their number, or a single one by its id"
CELL = {
    "layers": "A cell: the duties that are open there",
    "duties": "1 in a cell: the account has the duty",
}
SHARED_CELL = {
    "layers": "A cell: the duties that are open there, on average",
    "duties": "A cell: how many of the column's accounts have the duty",
}

Values = tuple[float, ...]


class Column(NamedTuple):
    """Accounts that share a column, and what they have in each row on average."""

    accounts: tuple[str, ...]
    values: Values


class Grid(NamedTuple):
    """What is drawn: the rows by id with their names, and each account's value in each of them."""

    rows: dict[str, str]
    held: dict[str, Values]
    of: int


def fleet_chart(fleet: Fleet, layer: str | None = None, title: str | None = None) -> go.Figure:
    """Layers by accounts, the darker the more duties are open; with `layer` its duties by accounts.

    Up to 30 accounts have a column each. Of more, those that are alike share one, headed by their
    number. Columns that are alike stand together. SrmError where no account owes anything.
    """
    import plotly.graph_objects as go

    grid = _take_duties(fleet, layer) if layer else take_layers(fleet)
    if not grid.held:
        raise SrmError("no account has a duty here; read files that hold resources of AWS")
    columns = gather_columns(grid.held)
    heading = title or escape(_say_title(fleet, layer))
    layout = _lay(fleet, grid, columns, heading, layer)
    cells = _cells(grid, columns, counted=layer is not None)
    cells["colorbar"] = _scale(cells["zmax"], layout["height"], is_share=layer is not None)
    return go.Figure({"data": [cells], "layout": layout}, skip_invalid=False)


def gather_columns(held: dict[str, Values], most: int = MOST_COLUMNS) -> list[Column]:
    """Accounts with their values -> as many columns at most, those alike in one or side by side.

    The column whose accounts differ most is cut where they differ most, until there are enough or
    no column has differences left; so an account unlike all others gets a column of its own.
    """
    groups = [sorted(held, key=lambda each: (tuple(-value for value in held[each]), each))]
    while len(groups) < min(most, len(held)):
        spreads = [_find_spread([held[each] for each in group]) for group in groups]
        widest = max(range(len(groups)), key=lambda place: spreads[place][0])
        if not spreads[widest][0]:
            break
        row, middle = spreads[widest][1:]
        group = groups[widest]
        parts = [
            [each for each in group if (held[each][row] > middle) is more] for more in (True, False)
        ]
        groups[widest : widest + 1] = parts
    if len(held) <= most:
        groups = [[account] for group in groups for account in group]
    return [Column(tuple(group), _average([held[each] for each in group])) for group in groups]


def _find_spread(values: list[Values]) -> tuple[float, int, float]:
    """How much the accounts of a column differ in all, the row that they differ most in, its mean."""
    by_row = [(pvariance(each), mean(each)) for each in zip(*values, strict=True)]
    row = max(range(len(by_row)), key=lambda place: by_row[place][0])
    return by_row[row][0] * len(values), row, by_row[row][1]


def _average(values: list[Values]) -> Values:
    return tuple(mean(each) for each in zip(*values, strict=True))


def take_layers(fleet: Fleet) -> Grid:
    """How many duties each account has in each layer."""
    names = {id: layer.name for id, layer in fleet.matrix.catalogue.layers.items()}
    rows = {id: names[id] for id in fleet.matrix.layers}
    found = fleet.layers[["account", "layer", "duties"]].itertuples(index=False, name=None)
    numbers = {(account, layer): duties for account, layer, duties in found}
    accounts = dict.fromkeys(account for account, _ in numbers)
    held = {each: tuple(float(numbers.get((each, row), 0)) for row in rows) for each in accounts}
    return Grid(rows, held, len(rows))


def _take_duties(fleet: Fleet, layer: str) -> Grid:
    """The duties of a layer, most common first, so many as can be told apart."""
    if layer not in fleet.matrix.layers:
        raise SrmError(f"{layer!r} is no layer here; {suggest(layer, fleet.matrix.layers)}")
    owed = fleet.duties[fleet.duties["layer"] == layer]
    common = owed["duty"].value_counts().to_dict()
    ranked = sorted(common, key=lambda duty: (-common[duty], duty))
    rows = {duty: duty for duty in ranked[:MOST_ROWS]}
    pairs = set(zip(owed["account"], owed["duty"], strict=True))
    accounts = sorted({account for account, _ in pairs})
    held = {each: tuple(float((each, row) in pairs) for row in rows) for each in accounts}
    return Grid(rows, held, len(ranked))


def _lay(
    fleet: Fleet, grid: Grid, columns: list[Column], heading: str, layer: str | None
) -> dict[str, Any]:
    """Layers keep their groups at the left; the duties of one layer have none."""
    parts = lay_parts(
        fleet.matrix, [name_column(each) for each in columns], PAGE, len(columns), grouped=False
    )
    count, top = len(grid.rows), TOP + parts.above
    ticks = {
        "tickvals": list(range(count)),
        "ticktext": [escape(name) for name in grid.rows.values()],
    }
    alone, of = _is_alone(columns), "duties" if layer else "layers"
    key = f"{CELL[of]}; {ALONE}" if alone else f"{SHARED_CELL[of]}; {SHARED}"
    rest = f"the {count} most common of {grid.of} duties" if grid.of > count else ""
    return base_layout(heading, top + PAGE.row * count + BOTTOM) | {
        "margin": {"l": PAGE.left, "r": PAGE.right, "t": top, "b": BOTTOM},
        "xaxis": parts.xaxis,
        "yaxis": parts.yaxis | ticks | {"range": [count - 0.5, -0.5]},
        "annotations": [key_note(rest, key=key), *([] if layer else parts.annotations)],
        "shapes": [] if layer else parts.shapes,
    }


def _is_alone(columns: list[Column]) -> bool:
    return all(len(each.accounts) == 1 for each in columns)


def name_column(column: Column) -> str:
    """The id of a single account, else how many share the column."""
    alone = len(column.accounts) == 1
    return column.accounts[0] if alone else f"{len(column.accounts)} accounts"


def _cells(grid: Grid, columns: list[Column], *, counted: bool) -> dict[str, Any]:
    """The numbers stand in the cells too: of duties, or of the accounts that have one."""
    z = [[column.values[row] for column in columns] for row in range(len(grid.rows))]
    most = 1.0 if counted else max(max(line) for line in z)
    told = [
        [
            value * (len(column.accounts) if counted else 1)
            for value, column in zip(line, columns, strict=True)
        ]
        for line in z
    ]
    return {
        "type": "heatmap", "x": list(range(len(columns))), "y": list(range(len(grid.rows))),
        "z": [[round(value, 3) for value in line] for line in z],
        "zmin": 0, "zmax": most, "colorscale": NUMBERS, "xgap": 1.5, "ygap": 1.5,
        "text": [
            [_mark(value, share / most) for value, share in zip(*pair, strict=True)]
            for pair in zip(told, z, strict=True)
        ],
        "texttemplate": "%{text}", "textfont": {"size": PAGE.font - 1},
        "hovertext": [
            [_tell(column, name, value, counted) for column, value in zip(columns, line, strict=True)]
            for name, line in zip(grid.rows.values(), told, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def _mark(value: float, share: float) -> str:
    if not value:
        return ""
    ink = "#ffffff" if share > DARK else "#000000"
    return f'<span style="color:{ink}">{"&lt;1" if value < 1 else round(value)}</span>'


def _tell(column: Column, name: str, value: float, counted: bool) -> str:
    """Whose the cell is, and its number."""
    whose = escape(", ".join(column.accounts[:6])) + (" …" if len(column.accounts) > 6 else "")
    number = len(column.accounts)
    if counted:
        said = f"{value:.0f} of {count_noun(number, 'account')}"
    else:
        said = f"{value:.3g} duties" + (" on average" if number > 1 else "")
    return f"<b>{escape(name)}</b><br>{said}<br>{whose}"


def _say_title(fleet: Fleet, layer: str | None) -> str:
    if layer:
        name = fleet.matrix.catalogue.layers[layer].name
        return f"{name}: which of {fleet.summary.partition(',')[0]} have which duty"
    owed = fleet.accounts["duties"]
    spread = f"{owed.min()} to {owed.max()}" if owed.min() < owed.max() else f"{owed.max()}"
    return f"{fleet.summary.partition(',')[0]}, {spread} duties each: where they are"


def _scale(most: float, height: int, *, is_share: bool) -> dict[str, Any]:
    """Where other figures have their legend."""
    ends = (
        ["no account", "half", "all"] if is_share else ["no duty", f"{most / 2:.0f}", f"{most:.0f}"]
    )
    return {
        "orientation": "h", "x": 0, "xref": "container", "xanchor": "left", "xpad": 48, "ypad": 0,
        "y": 1 - 56 / height, "yref": "container", "yanchor": "middle", "len": 300,
        "lenmode": "pixels", "thickness": 10, "outlinewidth": 0, "tickvals": [0, most / 2, most],
        "ticktext": ends, "tickfont": {"size": 11, "color": QUIET},
    }  # fmt: skip
