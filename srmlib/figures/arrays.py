"""A matrix's cells as arrays: any selection of them is cut without looking at each again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srmlib.figures.cells import LETTERED_COLUMNS, WEIGHTS, cells_trace
from srmlib.figures.layouts import Size
from srmlib.figures.marks import NAMES
from srmlib.matrix import Matrix
from srmlib.schema import OWNERS

ARRAYS = ("z", "text", "hovertext")
LETTERING = ("text", "texttemplate", "textfont", "xgap", "ygap")
# Of many cells the page puts service and layer before the owner, from the names at its axes: a text
# of its own for each of 8,000 cells took the kernel longer to send than all else.
FROM_AXES = "%{x} · %{y}: %{hovertext}<extra></extra>"


class CellArrays:
    """What a widget draws of a matrix, made once; it holds for this matrix and its claims only."""

    def __init__(self, matrix: Matrix, size: Size) -> None:
        import numpy as np

        trace = cells_trace(matrix, list(matrix.services), size, details=False, lettered=True)
        self.matrix = matrix
        self._columns = {id: place for place, id in enumerate(matrix.services)}
        self._rows = {id: place for place, id in enumerate(matrix.layers)}
        self._arrays = {key: np.array(trace.pop(key), dtype=object) for key in ARRAYS}
        places = self._arrays["z"].astype(int)
        self._weights = np.array(WEIGHTS)[places]
        self._owners = np.array([NAMES[owner] for owner in OWNERS], dtype=object)[places]
        self._plain = trace

    def cut(self, services: Sequence[str], layers: Sequence[str]) -> dict[str, Any]:
        """The heatmap trace of these services and layers, as `cells_trace` makes it.

        Past the columns that have letters a hover text is the owner alone, as `FROM_AXES` says.
        """
        where = self._find(services, layers)
        trace = self._plain | {"x": list(range(len(services))), "y": list(range(len(layers)))}
        trace |= {key: array[where] for key, array in self._arrays.items()}
        if len(services) > LETTERED_COLUMNS:
            trace = {key: each for key, each in trace.items() if key not in LETTERING}
            trace |= {"hovertext": self._owners[where], "hovertemplate": FROM_AXES}
        return trace

    def order(self, services: Sequence[str], layers: Sequence[str]) -> tuple[str, ...]:
        """By delivery model, and in it from most customer work to least, as `order_columns`."""
        models = {id: place for place, id in enumerate(self.matrix.catalogue.models)}
        loads = self._weights[self._find(services, layers)].sum(axis=0).tolist()
        load = dict(zip(services, loads, strict=True))
        rows = self.matrix.catalogue.services
        return tuple(sorted(services, key=lambda id: (models[rows[id].model], -load[id], id)))

    def find_owners(self, services: Sequence[str], layers: Sequence[str]) -> set[str]:
        """The owners that these cells have."""
        places = set(self._arrays["z"][self._find(services, layers)].flat)
        return {OWNERS[place] for place in places}

    def count_work(self, services: Sequence[str], layers: Sequence[str]) -> dict[str, int]:
        """In how many of the layers each service leaves work to the customer."""
        counts = (self._weights[self._find(services, layers)] > 0).sum(axis=0).tolist()
        return dict(zip(services, counts, strict=True))

    def _find(self, services: Sequence[str], layers: Sequence[str]) -> Any:
        import numpy as np

        rows = [self._rows[id] for id in layers]
        return np.ix_(rows, [self._columns[id] for id in services])
