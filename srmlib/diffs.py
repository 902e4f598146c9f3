"""What came, went and changed hands between two versions of a catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from srmlib.catalogue import Catalogue, Claim, PathLike, load_catalogue
from srmlib.errors import SrmError
from srmlib.matrix import Row

DIFF_COLUMNS = ("change", "service", "layer", "before", "after", "duty", "sources")
CAME, WENT, MOVED, SETTING = "came", "went", "changed hands", "setting changed hands"


def diff_folders(old: PathLike, new: PathLike) -> list[Row]:
    """The differences of two data folders, as `diff_catalogues` lists them."""
    for folder in (Path(old), Path(new)):
        if not (folder / "layers.csv").is_file():
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
