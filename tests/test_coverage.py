"""The coverage page says what the data holds now."""

from __future__ import annotations

from scripts.write_coverage import count_bases, tell_coverage
from srmlib.catalogue import load_catalogue
from tests.conftest import ROOT


def test_the_coverage_page_is_in_step_with_the_data() -> None:
    told = (ROOT / "docs" / "coverage.md").read_text()
    assert told == tell_coverage(load_catalogue()), "run `make coverage`"


def test_every_cell_is_counted_once() -> None:
    catalogue = load_catalogue()
    counts = count_bases(catalogue, list(catalogue.services))
    assert sum(counts.values()) == len(catalogue.services) * len(catalogue.layers)
