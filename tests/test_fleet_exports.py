"""A fleet as files, on the command line, as a chart and as a page."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import sync_playwright

import srmlib as srm
from scripts.lab_server import BROWSER_OPTIONS
from srmlib import cli
from srmlib.errors import SrmError
from srmlib.export.fleet_parts import list_sections
from srmlib.figures.fleet_maps import MOST_COLUMNS, gather_columns, take_layers
from srmlib.fleet import fleets
from tests.accessibility import list_faults
from tests.accounts import A, B, C, save_csv


@pytest.mark.parametrize("ending", ["csv", "json", "md", "html", "xlsx"])
def test_a_fleet_is_written_in_every_form_for_people(
    sample: srm.Fleet, tmp_path: Path, ending: str
) -> None:
    path = srm.write(sample, tmp_path / f"fleet.{ending}", date="2026-10-02")
    content = path.read_bytes()
    assert (
        content == srm.write(sample, tmp_path / f"again.{ending}", date="2026-10-02").read_bytes()
    )
    first = str(sample.accounts["account"][0])
    if ending == "xlsx":
        sheets = pd.read_excel(path, sheet_name=None, dtype=str)
        assert set(sheets["Accounts"]["Account"]) == set(sample.accounts["account"])
        assert len(sheets["Duties by account"]) == len(sample.duties)
        assert {each.title for each in list_sections(sample)} <= set(sheets)
    else:
        assert first in content.decode()
    if ending in ("md", "html"):
        assert "2026-10-02" in content.decode()
        assert all(each.title in content.decode() for each in list_sections(sample))


def test_any_table_of_a_fleet_is_written_as_it_is_asked(sample: srm.Fleet, tmp_path: Path) -> None:
    path = srm.write(sample.answer("duties"), tmp_path / "duties.json")
    rows = json.loads(path.read_text())
    assert len(rows) == len(sample.duties)
    assert list(rows[0]) == list(fleets.FLEET_DUTY_COLUMNS)
    assert isinstance(rows[0]["services"], list)
    with pytest.raises(SrmError, match="'dutys' is no table of a fleet; did you mean duties"):
        sample.answer("dutys")
    with pytest.raises(SrmError, match=r"fleet\.pptx: a fleet is written as"):
        srm.write(sample, tmp_path / "fleet.pptx")


def test_the_command_answers_what_it_can_and_names_the_rest(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good, bad, out = save_csv(tmp_path / "a.csv"), tmp_path / "bad.csv", tmp_path / "out.csv"
    bad.write_text("name\nx\n")
    words = ["fleet", str(good), str(bad), "--by", "outliers", "-o", str(out), "--format", "json"]
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert json.loads(told.out) == []
    assert told.err.startswith("srmlib: bad.csv: has no column account_id and resource_type; ")
    assert told.err.count("\n") == 1
    assert out.read_text() == ",".join(fleets.OUTLIER_COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--by", "dutys"], "'dutys' is no table of a fleet; did you mean duties"),
        (["--by", "by_team"], "no teams are known; name their file"),
        (["--framework", "soc2"], "'soc2' is no framework here; did you mean soc-2"),
        (["--by", "outliers", "--since", "{file}"], "outliers has no trend"),
        (["-o", "{folder}/a.pptx"], "a.pptx: a fleet is written as .csv"),
    ],
)
def test_a_wrong_word_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, words: list[str], told: str
) -> None:
    file = save_csv(tmp_path / "a.csv")
    asked = [each.format(file=file, folder=tmp_path) for each in words]
    assert cli.main(["fleet", str(file), *asked]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"srmlib: {told}")
    assert err.count("\n") == 1


def test_where_no_type_has_a_row_the_types_are_listed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = save_csv(tmp_path / "a.csv", [(A, "", "AWS::Brand::New", 4)])
    assert cli.main(["fleet", str(file), "--by", "unmapped"]) == 0
    assert capsys.readouterr().out == "resource_type,family,count\nAWS::Brand::New,,4\n"
    assert cli.main(["fleet", str(file)]) == 0
    assert capsys.readouterr().out == ",".join(fleets.ACCOUNT_COLUMNS) + "\n"
    assert cli.main(["fleet", str(file), "-o", str(tmp_path / "a.html")]) == 2
    assert capsys.readouterr().err.startswith("srmlib: a.html: no account runs a service that has")


def test_a_table_on_a_terminal_is_followed_by_notes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["fleet", str(save_csv(tmp_path / "a.csv")), "--format", "table"]) == 0
    out = capsys.readouterr().out
    assert A in out
    assert "note: assumed: AWS::RDS::DBInstance: engine not in the table, taken for rds" in out
    words = ["fleet", str(tmp_path / "a.csv"), "--by", "by_duty", "--format", "table"]
    assert cli.main(words) == 0
    heads = capsys.readouterr().out.split()[:7]
    assert heads == ["duty", "layer", "services", "text", "priority", "accounts", "resources"]


def test_a_column_an_account_as_long_as_names_can_be_read(fleet: srm.Fleet) -> None:
    figure = srm.fleet_chart(fleet)
    assert sorted(figure.layout.xaxis.ticktext) == [A, B]
    open_duties = fleet.layers.set_index(["account", "layer"])["duties"]
    place = list(figure.layout.xaxis.ticktext).index(A)
    row = list(fleet.matrix.layers).index("backup")
    assert figure.data[0].z[row][place] == open_duties[A, "backup"]


def test_accounts_that_are_alike_share_a_column_and_none_is_lost(sample: srm.Fleet) -> None:
    grid = take_layers(sample)
    columns = gather_columns(grid.held)
    assert len(columns) == MOST_COLUMNS
    held = [account for column in columns for account in column.accounts]
    assert sorted(held) == list(sample.accounts["account"])
    for column in columns:
        mean = sum(grid.held[each][0] for each in column.accounts) / len(column.accounts)
        assert column.values[0] == pytest.approx(mean)


def test_an_account_unlike_all_others_stands_alone() -> None:
    held = {f"{n:012d}": (1.0 + n % 2, 1.0) for n in range(500)} | {C: (40.0, 40.0)}
    columns = gather_columns(held)
    assert [len(column.accounts) for column in columns] == [1, 250, 250]
    assert columns[0] == ((C,), (40.0, 40.0))


def test_the_duties_of_a_layer_are_drawn_with_the_accounts_that_have_them(fleet: srm.Fleet) -> None:
    figure = srm.fleet_chart(fleet, layer="backup")
    cells = dict(zip(figure.layout.yaxis.ticktext, figure.data[0].z, strict=True))
    accounts = list(figure.layout.xaxis.ticktext)
    assert {accounts[place] for place, value in enumerate(cells["backup/s3"]) if value} == {A, B}
    assert {accounts[place] for place, value in enumerate(cells["backup/rds"]) if value} == {A}
    with pytest.raises(SrmError, match="'back-up' is no layer here; did you mean backup"):
        srm.fleet_chart(fleet, layer="back-up")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shuts_nobody_out_and_fits_a_phone(
    sample: srm.Fleet, tmp_path: Path, chromium: str, scheme: str
) -> None:
    path = srm.write(sample, tmp_path / "fleet.html")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=BROWSER_OPTIONS)
        page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert list_faults(page) == []
        browser.close()
