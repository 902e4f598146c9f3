"""What came, went and changed hands between two versions of a catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from srmlib.catalogue import Catalogue, Claim, load_catalogue
from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.matrix import Row, frame_of

if TYPE_CHECKING:
    import pandas as pd

DIFF_COLUMNS = ("change", "service", "layer", "before", "after", "duty", "sources")
CAME, WENT, MOVED, SETTING = "came", "went", "changed hands", "setting changed hands"
COUNTED, NEW, GONE, REWORDED = "number changed", "duty new", "duty gone", "duty reworded"
# How the summary tells each change, in its order: what it is about, and the verb.
TOLD = {
    (CAME, "service"): "came", (WENT, "service"): "went", (COUNTED, "service"): "changed in number",
    (NEW, "duty"): "new", (GONE, "duty"): "gone", (REWORDED, "duty"): "reworded",
    (CAME, "layer"): "came", (WENT, "layer"): "went", (MOVED, "layer"): "changed hands",
    (SETTING, "setting"): "changed hands",
}  # fmt: skip
PLURALS = {"service": "services", "duty": "duties", "layer": "layers", "setting": "settings"}
ABOUT = {NEW: "duty", GONE: "duty", REWORDED: "duty", MOVED: "layer", SETTING: "setting"}


@dataclass(frozen=True)
class Difference:
    """What is different from `before` to `after`, both by name; empty where nothing is."""

    before: str
    after: str
    found: tuple[Row, ...]
    columns: tuple[str, ...] = DIFF_COLUMNS

    @property
    def title(self) -> str:
        """The two sides in words."""
        if self.before == self.after:
            return f"What changed in {self.after}"
        return f"What changed from {self.before} to {self.after}"

    @property
    def summary(self) -> str:
        """How much came, went and changed hands, in one line."""
        return summarise(self.found)

    @property
    def table(self) -> pd.DataFrame:
        """One row a difference, in `columns`."""
        return frame_of(self.rows(), self.columns)

    def rows(self) -> list[Row]:
        """The rows of `table` as plain dicts."""
        return list(self.found)


def summarise(rows: Iterable[Row]) -> str:
    """2 services came, 1 went; 14 duties new (2 most urgent), 6 gone; 3 layers changed hands."""
    listed = list(rows)
    counts = Counter((row["change"], _name_subject(row)) for row in listed)
    urgent = sum(row["change"] == NEW and row.get("priority") == 1 for row in listed)
    told: dict[str, list[str]] = {}
    for (change, subject), verb in TOLD.items():
        count = counts[change, subject]
        if count:
            parts = told.setdefault(subject, [])
            noun = "" if parts else f" {subject if count == 1 else PLURALS[subject]}"
            most = f" ({urgent} most urgent)" if change == NEW and urgent else ""
            parts.append(f"{count}{noun} {verb}{most}")
    return "; ".join(", ".join(parts) for parts in told.values()) or "nothing changed"


def _name_subject(row: Row) -> str:
    """What a difference is about; a row or a layer may come and go."""
    return ABOUT.get(row["change"], "service" if row["service"] else "layer")


def is_data_folder(path: PathLike) -> bool:
    """Whether a folder holds a catalogue."""
    return (Path(path) / "layers.csv").is_file()


def compare_folders(old: PathLike, new: PathLike) -> Difference:
    """How the line between AWS and the customer moved from one data folder to a later one."""
    return Difference(Path(old).name, Path(new).name, tuple(diff_folders(old, new)))


def diff_folders(old: PathLike, new: PathLike) -> list[Row]:
    """The differences of two data folders, as `diff_catalogues` lists them."""
    for folder in (Path(old), Path(new)):
        if not is_data_folder(folder):
            raise SrmError(
                f"{folder.name}: is no data folder; give two folders in the form of data/"
            )
    return diff_catalogues(load_catalogue(old), load_catalogue(new))


def diff_catalogues(old: Catalogue, new: Catalogue) -> list[Row]:
    """How the line between AWS and the customer moved: one row a difference, in display order.

    Columns change (came, went, changed hands, setting changed hands), service, layer, before and
    after (owners; of a setting also its value), duty (what the customer has to do now), sources.
    A row or a layer that came or went as a whole is one difference.
    """
    return [*_list_whole(old, new), *_list_moved(old, new)]


def _list_whole(old: Catalogue, new: Catalogue) -> Iterator[Row]:
    """Layers and rows that are in one of the two only."""
    for change, here, there in ((WENT, old, new), (CAME, new, old)):
        yield from (_make_row(change, layer=id) for id in here.layers if id not in there.layers)
        yield from (_make_row(change, id) for id in here.services if id not in there.services)


def _list_moved(old: Catalogue, new: Catalogue) -> Iterator[Row]:
    for service in new.services:
        for layer in new.layers:
            if service in old.services and layer in old.layers:
                before, after = old.claims[service][layer], new.claims[service][layer]
                yield from _compare_claims(new, service, layer, before, after)


def _compare_claims(
    new: Catalogue, service: str, layer: str, before: Claim, after: Claim
) -> Iterator[Row]:
    cell = after.cell
    pages = [new.sources[each.id].url for each in cell.sources]
    if before.cell.owner != cell.owner:
        yield _make_row(
            MOVED, service, layer, before.cell.owner, cell.owner, cell.customer_duty, pages
        )
    settings = {(each.setting, each.value): each.owner for each in before.cell.unless}
    for each in cell.unless:
        was = settings.get((each.setting, each.value))
        if was and was != each.owner:
            told = f"{each.setting} is {each.value}: "
            page = [new.sources[each.source].url]
            yield _make_row(SETTING, service, layer, told + was, told + each.owner, each.duty, page)


def _make_row(
    change: str,
    service: str | None = None,
    layer: str | None = None,
    before: str | None = None,
    after: str | None = None,
    duty: str | None = None,
    sources: list[str] | None = None,
) -> Row:
    values = (change, service, layer, before, after, duty, sources or [])
    return dict(zip(DIFF_COLUMNS, values, strict=True))
