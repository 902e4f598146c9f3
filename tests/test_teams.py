"""The customer's half among teams: who does it, who answers for it, and where nobody does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import srmlib as srm
from srmlib.errors import SrmError
from srmlib.teams import GAP, SPLIT_COLUMNS, TeamSplit
from tests.conftest import ROOT

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
TEAMS = {
    "teams": {"app": "Application team", "platform": "Platform team", "sec": "Security"},
    "assignments": [
        {"groups": ["platform", "configuration"], "responsible": "platform", "accountable": "platform"},
        {"groups": ["access"], "responsible": "platform", "accountable": "sec"},
        {"layers": ["application", "data"], "responsible": "app", "accountable": "app"},
        {"services": ["rds"], "layers": ["backup"], "responsible": "app"},
    ],
}  # fmt: skip


@pytest.fixture
def split(matrix: srm.Matrix) -> TeamSplit:
    return srm.split_work(matrix.select(services=["ec2", "rds", "lambda"]), TEAMS)


def test_every_cell_with_customer_work_has_a_row_and_no_other(split: TeamSplit) -> None:
    table = split.table
    assert tuple(table.columns) == SPLIT_COLUMNS
    assert set(table["owner"]) == {"customer", "shared"}
    assert len(table) == sum(
        claim.cell.owner in ("customer", "shared")
        for id in split.matrix.services
        for claim in split.matrix.claims[id].values()
    )


def test_the_later_assignment_counts_role_by_role(split: TeamSplit) -> None:
    cells = split.table.set_index(["service", "layer"])
    assert cells.loc[("ec2", "backup"), "responsible"] == "Platform team"
    assert cells.loc[("rds", "backup"), "responsible"] == "Application team"
    assert cells.loc[("rds", "backup"), "accountable"] == "Platform team"
    assert cells.loc[("rds", "identity"), "accountable"] == "Security"


def test_what_nobody_accepted_is_a_gap(split: TeamSplit) -> None:
    gaps = split.gaps
    assert {"incident-response", "threat-detection", "residency"} <= set(gaps["layer"])
    assert not {"guest-os", "backup", "data"} & set(gaps["layer"])
    assert set(gaps["responsible"]) == {GAP}
    load = split.load.set_index("team")
    assert load.loc[GAP, "responsible"] == len(gaps)
    assert load["responsible"].sum() == len(split.table) == load.loc[GAP, "of"]
    assert split.summary == f"{len(gaps)} of {len(split.table)} cells with customer work have a gap"


def test_a_file_says_the_same_as_a_dict(split: TeamSplit, tmp_path: Path) -> None:
    path = tmp_path / "teams.yaml"
    path.write_text(json.dumps(TEAMS))
    assert srm.split_work(split.matrix, path).held == split.held


@pytest.mark.parametrize(
    ("assignment", "told"),
    [
        ({"layers": ["back-up"], "responsible": "app"}, "layers: 'back-up' is not known; did you mean backup"),
        ({"services": ["rdx"], "responsible": "app"}, "services: 'rdx' is not known"),
        ({"groups": ["plattform"], "responsible": "app"}, "did you mean platform"),
        ({"responsible": "ops"}, "'ops' is no team; use app, platform, sec"),
        ({"responsibel": "app"}, "docs/teams.md shows the form"),
    ],
)  # fmt: skip
def test_a_name_that_nobody_knows_is_refused(
    matrix: srm.Matrix, assignment: dict[str, object], told: str
) -> None:
    with pytest.raises(SrmError, match=told):
        srm.split_work(matrix, TEAMS | {"assignments": [assignment]})


def test_a_missing_file_is_one_line(matrix: srm.Matrix, tmp_path: Path) -> None:
    with pytest.raises(SrmError, match=r"teams\.yaml: no such file"):
        srm.split_work(matrix, tmp_path / "teams.yaml")


def test_a_review_hands_its_duties_to_the_teams() -> None:
    shop = srm.review(SHOP).assign(TEAMS).duties.set_index("duty")
    assert shop.loc["guest-os/ec2", "owner"] == "Platform team"
    assert shop.loc["threat-detection", "owner"] is None
    assert shop.loc["backup/rds", "owner"] == "Application team"


def test_whom_people_named_themselves_stays(tmp_path: Path) -> None:
    record = tmp_path / "record.yaml"
    record.write_text("duties:\n  guest-os/ec2:\n    owner: Mara\n")
    shop = srm.review(SHOP, record=record).assign(TEAMS).duties.set_index("duty")
    assert shop.loc["guest-os/ec2", "owner"] == "Mara"


def test_the_chart_marks_teams_and_gaps(split: TeamSplit) -> None:
    figure = srm.teams_chart(split)
    rows = list(split.matrix.layers)
    columns = list(figure.layout.xaxis.ticktext)
    text = figure.data[0].text
    assert ">P<" in text[rows.index("guest-os")][columns.index("ec2")]
    assert ">A/P<" in text[rows.index("backup")][columns.index("rds")]
    assert ">!<" in text[rows.index("incident-response")][0]
    names = [trace.name for trace in figure.data[1:]]
    assert names == ["A Application team", "P Platform team", "S Security", "! Nobody"]


def test_a_split_is_written_as_a_table_only(split: TeamSplit, tmp_path: Path) -> None:
    assert "Security" in srm.write(split, tmp_path / "t.csv").read_text()
    assert len(json.loads(srm.write(split, tmp_path / "t.json").read_text())) == len(split.held)
    assert "cells with customer work" in srm.write(split, tmp_path / "t.md").read_text()
    with pytest.raises(SrmError, match=r"write review\.assign"):
        srm.write(split, tmp_path / "t.xlsx")


def test_two_teams_in_a_narrow_column_are_set_smaller(matrix: srm.Matrix, split: TeamSplit) -> None:
    wide = srm.split_work(matrix.select(services=matrix.services[:30]), TEAMS)
    sizes = [srm.teams_chart(each).data[0].textfont.size for each in (split, wide)]
    assert sizes[0] > sizes[1]
