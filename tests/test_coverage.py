"""The pages on what the catalogue rests on say what the data holds now."""

from __future__ import annotations

from scripts.write_coverage import count_bases, tell_coverage
from scripts.write_disagreements import list_dissent, tell_disagreements
from srmlib.catalogue import load_catalogue
from tests.conftest import ROOT


def test_the_coverage_page_is_in_step_with_the_data() -> None:
    told = (ROOT / "docs" / "coverage.md").read_text()
    assert told == tell_coverage(load_catalogue()), "run `make coverage`"


def test_every_cell_is_counted_once() -> None:
    catalogue = load_catalogue()
    counts = count_bases(catalogue, list(catalogue.services))
    assert sum(counts.values()) == len(catalogue.services) * len(catalogue.layers)


def test_the_page_of_disagreements_is_in_step_with_the_data() -> None:
    told = (ROOT / "docs" / "disagreements.md").read_text()
    assert told == tell_disagreements(load_catalogue()), "run `make coverage`"


def test_every_contested_cell_is_told_once() -> None:
    catalogue = load_catalogue()
    told = [(row, each.layer) for each in list_dissent(catalogue) for row in each.rows]
    contested = {
        (id, layer)
        for id, claims in catalogue.claims.items()
        for layer, claim in claims.items()
        if claim.cell.contested
    }
    assert len(told) == len(set(told))
    assert set(told) == contested
