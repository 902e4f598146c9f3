"""The dashboard in a real browser: what it shows, whom it lets in, what it asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import srmlib as srm
from scripts.lab_server import PLOT, SCREEN, wait_for
from srmlib.dashboard import FIRST_MODELS
from srmlib.figures import SMALL, heatmap_spec
from srmlib.figures.marks import NAMES
from tests.accessibility import list_faults
from tests.conftest import ROOT
from tests.dashboard_page import get, list_hosts, open_page, serve_dashboard, with_token
from tests.explorer_tour import PRESS, list_columns, list_rows, show_all, tour

pytestmark = pytest.mark.browser
SECRET = "kept-out-of-the-page"
ELSEWHERE = "http://elsewhere.example"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`srmlib dashboard` in a folder with files that are nobody's business; yields what it prints."""
    folder = tmp_path_factory.mktemp("folder")
    for name in ("notes.txt", "picture.png", "own.ipynb", "voila.json"):
        (folder / name).write_text(json.dumps(SECRET))
    with serve_dashboard(folder) as address:
        yield address


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """Every address that the page asked for."""
    return []


@pytest.fixture(scope="module")
def page(browser: Any, address: str, asked: list[str]) -> Any:
    return open_page(browser, address, asked)


def test_without_its_token_the_page_is_refused(address: str) -> None:
    assert "token=" in address
    for path in ("/", "/?token=", "/?token=guessed", "/login", "/voila/tree", "/api/kernels"):
        status, text = get(address, path)
        assert status in (403, 404), path
        assert "<form" not in text
        assert "explorer" not in text
    assert get(address, "/")[0] == 403


@pytest.mark.parametrize("headers", [{"Origin": ELSEWHERE}, {"Host": "elsewhere.example"}])
def test_another_page_gets_nothing_even_with_the_token(
    address: str, headers: dict[str, str]
) -> None:
    assert get(address, "/", **with_token(address), **headers)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/notes.txt", "/picture.png", "/own.ipynb", "/dashboard.ipynb", "/index.html.j2",
        "/voila/files/picture.png", "/voila/files/dashboard.ipynb", "/files/notes.txt",
        "/voila/static/../../../../notes.txt", "/../notes.txt", "/%2e%2e/notes.txt",
        "/voila/templates/lab/static/../../../../../etc/jupyter/jupyter_server_config.d/voila.json",
        "/voila/labextensions/../../../pyvenv.cfg", "/voila/api/themes/../../../../../pyvenv.cfg",
        "//etc/passwd", "/voila/static//etc/passwd", "/voila/tree", "/voila/render/own.ipynb",
        "/api/contents", "/voila/api/contents", "/voila/static/", "/voila/labextensions/",
    ],
)  # fmt: skip
def test_no_file_and_no_listing_is_served(address: str, path: str) -> None:
    status, text = get(address, path, **with_token(address))
    assert status >= 400, path
    assert SECRET not in text
    assert "root:" not in text
    assert "home =" not in text


def test_a_kernel_speaks_to_its_own_page_only(page: Any, address: str) -> None:
    kernel = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    upgrade = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}  # fmt: skip

    def knock(**headers: str) -> int:
        return get(address, f"/api/kernels/{kernel}/channels", **upgrade, **headers)[0]

    own = f"http://{urlsplit(address).netloc}"
    assert knock(Origin=own, Cookie=cookie) == 101
    assert knock(Origin=ELSEWHERE, Cookie=cookie) == 403
    assert knock(Origin=ELSEWHERE, **with_token(address)) == 403
    assert knock(Origin=own) == 403


def test_the_page_has_a_title_and_no_code(page: Any) -> None:
    assert page.title() == "Who owns what on AWS"
    assert "For everyone who" in page.locator("main, [role=main]").inner_text()
    assert "show_explorer" not in page.content()


def read_heatmap(page: Any) -> tuple[list[int], list[int], list[list[int]]]:
    return tuple(page.evaluate(  # type: ignore[return-value]
        f"""() => {{ const cells = document.querySelector('{PLOT}').data[0];
        return [Array.from(cells.x), Array.from(cells.y), Array.from(cells.z, r => Array.from(r))]; }}"""
    ))  # fmt: skip


def expect_heatmap(
    matrix: srm.Matrix, models: list[str]
) -> tuple[list[int], list[int], list[list[int]]]:
    cells = heatmap_spec(matrix.select(models=models), None, SMALL)["data"][0]
    return cells["x"], cells["y"], cells["z"]


def test_a_model_button_changes_the_heatmap_to_what_select_gives(
    page: Any, matrix: srm.Matrix
) -> None:
    models = list(FIRST_MODELS)
    assert read_heatmap(page) == expect_heatmap(matrix, models)
    for model in ("managed", "containers", "containers"):
        models = [each for each in models if each != model] + [model] * (model not in models)
        page.click(f".srm-explorer button:text-is('{matrix.catalogue.models[model].name}')")
        expected = expect_heatmap(matrix, models)
        wait_for(lambda: read_heatmap(page) == expected, 10, f"the heatmap differs at {model}")  # noqa: B023


def test_the_page_does_what_the_explorer_promises(
    browser: Any, address: str, matrix: srm.Matrix
) -> None:
    other = open_page(browser, address)
    tour(other, [model.name for model in matrix.catalogue.models.values()])
    assert list_faults(other) == []
    other.close()


def read_hover(page: Any, column: int, row: int) -> str:
    """What the page says where the mouse rests on a cell."""
    page.mouse.move(5, 5)
    area = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    columns, rows = len(list_columns(page)), len(list_rows(page))
    page.mouse.move(area["x"] + area["width"] * (column + 0.5) / columns,
                    area["y"] + area["height"] * (row + 0.5) / rows)  # fmt: skip
    label = page.locator(f"{PLOT} .hoverlayer .hovertext")
    label.wait_for()
    return str(label.text_content())


def test_of_many_services_a_cell_says_its_own_when_pointed_at(
    browser: Any, address: str, matrix: srm.Matrix
) -> None:
    other = open_page(browser, address)
    show_all(other, [model.name for model in matrix.catalogue.models.values()])
    wait_for(lambda: len(list_columns(other)) == len(matrix.services), 15, "not all services")
    columns, row = list_columns(other), list_rows(other).index("Engine")
    owner = NAMES[matrix.claims["rds"]["engine"].cell.owner]
    assert read_hover(other, columns.index("rds"), row) == f"rds · Engine: {owner}"
    assert other.locator(f"{PLOT} .xaxislayer-above .xtick").count() == 0
    other.click(PRESS.format("Fold groups …"))
    other.locator(PRESS.format("Platform")).nth(1).click()
    wait_for(lambda: "▸ Platform (7)" in list_rows(other), 15, "the group is not folded")
    row = list_rows(other).index("▸ Platform (7)")
    told = read_hover(other, columns.index("rds"), row)
    assert re.fullmatch(r"rds · ▸ Platform \(7\): customer work in \d of 7 layers", told)
    other.close()


def test_the_page_shuts_nobody_out(page: Any) -> None:
    assert list_faults(page) == []
    for name in ("Single services", "Single layers", "I see it otherwise"):
        page.click(f".srm-explorer button:has-text('{name}')")
    page.wait_for_selector(".srm-explorer textarea")
    page.click(".srm-explorer button:has-text('As a table')")
    page.wait_for_selector(".srm-explorer .srm-table th[scope=row]")
    assert list_faults(page) == []
    page.click(".srm-explorer button:has-text('As a table')")


def test_a_screen_reader_hears_of_a_cell_and_knows_the_picture(page: Any) -> None:
    page.get_by_label("Layer", exact=True).focus()
    live = page.locator("[aria-live=polite] .srm-details")
    assert live.count() == 1
    plot = page.locator(".srm-explorer .js-plotly-plot")
    assert (plot.get_attribute("role"), plot.get_attribute("aria-label")[:8]) == ("img", "Heatmap.")


def test_nothing_is_cut_in_a_narrow_window(page: Any) -> None:
    page.set_viewport_size({"width": 700, "height": 768})
    page.wait_for_timeout(300)
    side = page.locator(".srm-details").bounding_box()
    page.set_viewport_size(SCREEN)
    assert side["x"] + side["width"] <= 700


def test_the_page_asked_no_other_host(page: Any, address: str, asked: list[str]) -> None:
    assert len(asked) > 20
    assert list_hosts(asked) == {urlsplit(address).netloc}


def test_who_leaves_the_page_ends_its_kernel(page: Any, address: str) -> None:
    kernel = json.loads(page.locator("#jupyter-config-data").text_content())["kernelId"]
    ask = f"/api/kernels/{kernel}"
    assert get(address, ask, **with_token(address))[0] == 200
    page.goto("about:blank")
    wait_for(lambda: get(address, ask, **with_token(address))[0] == 404, 15, "the kernel lives on")


@pytest.mark.parametrize("look", ["light", "dark"])
def test_the_page_of_a_review_shuts_nobody_out(browser: Any, tmp_path: Path, look: Any) -> None:
    plan = ROOT / "notebooks" / "workloads" / "shop-plan.json"
    path = srm.write(srm.review(plan), tmp_path / "review.html")
    page = browser.new_page(viewport=SCREEN, color_scheme=look)
    page.goto(path.as_uri())
    page.check("#open-all")
    assert list_faults(page) == []
