"""An account's resources -> an inventory file: page by page, and where an earlier run stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from srmlib.atomic import replace_file
from srmlib.collector.journal import Journal
from srmlib.collector.session import StaleTokenError, fetch_page, open_client
from srmlib.collector.sources import Resource, Source, choose_source
from srmlib.errors import SrmError

COLLECTION_COLUMNS = ("file", "source", "accounts", "regions", "types", "resources")


@dataclass(frozen=True)
class Collection:
    """What was collected: the file, its source, and how much is in it."""

    file: Path
    source: str
    accounts: int
    regions: int
    types: int
    resources: int
    notes: tuple[str, ...] = ()

    def rows(self) -> list[dict[str, Any]]:
        """One row, in the columns that `srmlib collect` prints."""
        row = {column: getattr(self, column) for column in COLLECTION_COLUMNS}
        return [row | {"file": self.file.name}]


@dataclass
class Tally:
    """Each account, Region and type that was seen, and the number of resources."""

    accounts: set[str] = field(default_factory=set)
    regions: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    resources: int = 0

    def add(self, resource: Resource, source: Source) -> None:
        account, region, type, *_ = (resource[column] for column in source.columns)
        self.accounts.add(account)
        self.regions.add(region)
        self.types.add(type)
        self.resources += 1


def collect_inventory(
    path: str | Path,
    *,
    aggregator: str | None = None,
    config: bool = False,
    resource_explorer: bool | str | None = None,
    profile: str | None = None,
    region: str | None = None,
    progress: Callable[[int], None] = lambda resources: None,
) -> Collection:
    """Which resources an account or organisation has, written to a .json file that `review` reads.

    One source is named: an AWS Config `aggregator`, AWS Config of one account and Region (`config`),
    or `resource_explorer` (True for the default view, else a view's ARN). Account, Region, type and
    id are kept, nothing else. A run that is cut off keeps its pages beside the file, in NAME.part,
    and the same call goes on there. The file is replaced whole, or not at all. Faults raise SrmError.
    """
    path = Path(path)
    if path.suffix != ".json":
        raise SrmError(f"{path.name}: collect writes JSON; end the file's name in .json")
    source = choose_source(aggregator, config, resource_explorer)
    client = open_client(source, profile, region)
    question = {
        "operation": source.operation, **source.arguments,
        "region": client.meta.region_name, "profile": profile,
    }  # fmt: skip
    journal = Journal(path.with_name(f"{path.name}.part"), question)
    notes = list(_fetch_pages(client, source, journal, progress))
    tally = Tally()
    replace_file(path, _render(journal, source, tally))
    journal.remove()
    if not tally.resources:
        notes.append(f"{source.name} named no resource; check the Region, and that it is on there")
    return Collection(
        path, source.name, len(tally.accounts), len(tally.regions), len(tally.types),
        tally.resources, tuple(notes),
    )  # fmt: skip


def _fetch_pages(
    client: Any, source: Source, journal: Journal, progress: Callable[[int], None]
) -> Iterator[str]:
    """Fetch what is missing; yields a note on what became of an earlier run."""
    if journal.resumed:
        yield f"{journal.resources} resources are of a run that was cut off"
    while not journal.complete:
        try:
            page = fetch_page(client, source, journal.token)
        except StaleTokenError:
            if not journal.resumed:
                raise
            journal.forget()
            yield "AWS has forgotten where that run stopped; all was collected anew"
            continue
        journal.append(page)
        progress(journal.resources)


def _render(journal: Journal, source: Source, tally: Tally) -> Iterator[bytes]:
    """The file, a resource a line, in pieces: an organisation does not have to fit into memory."""
    yield b'{"%s": [' % source.key.encode()
    for page in journal.read_pages():
        for resource in page.resources:
            yield (b",\n" if tally.resources else b"\n") + msgspec.json.encode(resource)
            tally.add(resource, source)
    yield b"\n]}\n"
