"""What the explorer promises, tried in a page that shows it: in JupyterLab and in the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scripts.lab_server import PLOT, wait_for
from tests.conftest import ROOT

PRESS = ".srm-explorer button:text-is('{}')"
SEARCH = ".srm-explorer input[placeholder*='family']"
PLAN = ROOT / "notebooks" / "workloads" / "shop-plan.json"


def list_columns(page: Any) -> list[str]:
    script = f"() => Array.from(document.querySelector('{PLOT}').layout.xaxis.ticktext)"
    return [name.replace("<br>", "") for name in page.evaluate(script)]


def list_rows(page: Any) -> list[str]:
    script = f"() => Array.from(document.querySelector('{PLOT}').layout.yaxis.ticktext)"
    return list(page.evaluate(script))


def show_all(page: Any, models: list[str]) -> None:
    """Every delivery model on, and cells of AWS too: whatever the page began with."""
    for name in models:
        button = page.locator(PRESS.format(name))
        if button.count() and "mod-active" not in button.first.get_attribute("class"):
            button.first.click()
    only = page.locator(PRESS.format("Only customer work"))
    if "mod-active" in only.get_attribute("class"):
        only.click()


def search(page: Any, text: str) -> None:
    page.fill(SEARCH, text)
    page.keyboard.press("Enter")


def tour(page: Any, models: list[str]) -> None:
    """Pin, search, fold, load a workload, try a move, copy and save."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show_all(page, models)
    page.get_by_label("Service", exact=True).select_option("rds")
    page.click(PRESS.format("Pin this service"))
    search(page, "lambda")
    wait_for(
        lambda: "rds" in list_columns(page) and "lambda" in list_columns(page)
        and all("lambda" in name for name in list_columns(page) if name != "rds"),
        15, "not the pinned and the found ones",
    )  # fmt: skip
    page.click(PRESS.format("Fold groups …"))
    page.locator(PRESS.format("Platform")).nth(1).click()
    wait_for(lambda: "▸ Platform (7)" in list_rows(page), 15, "the group is not folded")
    search(page, "")
    _try_moves(page)
    _take_away(page)


def _try_moves(page: Any) -> None:
    page.click(PRESS.format("Load a workload …"))
    with page.expect_file_chooser() as chooser:
        page.click(".srm-explorer button:has-text('Choose files')")
    chooser.value.set_files(PLAN)
    wait_for(lambda: "ec2 (2)" in list_columns(page), 30, "the workload is not shown")
    page.get_by_label("From", exact=True).select_option("ec2 (2)")
    page.click(PRESS.format("What if"))
    wait_for(lambda: "ec2 (2)" not in list_columns(page), 30, "nothing has moved")
    assert "dropped" in page.locator(".srm-explorer").first.inner_text()


def _take_away(page: Any) -> None:
    page.click(PRESS.format("Copy as Markdown"))
    told = ".srm-explorer .srm-handover"
    wait_for(lambda: "Copied" in page.locator(told).inner_text(), 30, "nothing was copied")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("# Who owns what")
    page.click(PRESS.format("Save …"))
    page.get_by_label("As", exact=True).select_option(".csv")
    with page.expect_download() as download:
        page.click(PRESS.format("Save"))
    assert download.value.suggested_filename == "view.csv"
    assert Path(download.value.path()).read_text().startswith("service,layer,owner")
