"""The page: what it tells of a record, and in a real browser its filters, its heads and its print."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import pytest

import srmlib as srm
from scripts.lab_server import SCREEN
from srmlib.export.page_map import COLUMNS_ON_PAPER, split_columns
from tests.conftest import ROOT
from tests.test_inventory import save, state

SHOP = ROOT / "notebooks" / "workloads" / "shop-plan.json"
NASTY = "Red \"blue\" 'x' <img src=x onerror=alert(1)></style> & co"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1920, "height": 1080}
HOUSE = """id: rds
cells:
  backup:
    owner: customer
    basis: interpreted
    customer_duty: Copy the backups to the vault account every night.
    sources:
      - id: srm
        section: Overview
    why: A rule of the house.
"""
RECORD = f"""workload: Shop
date: 2026-03-01
scope: The shop in eu-central-1.
assumptions:
  - One account holds all of it.
exceptions:
  - {{duty: backup/rds, who: Head of security, why: The vault comes later., until: 2026-09-30}}
sign_off:
  - {{name: Ada Example, role: Head of platform, date: 2026-03-02}}
reviewed: {{catalogue: 2026-01-01}}
duties:
  guest-os/ec2:
    owner: Platform team
    status: in progress
    note: Sunday night.
    services: [ec2, vpc]
    text: Patch it.
  identity: {{owner: {json.dumps(NASTY)}, status: done}}
  engine/ec2: {{owner: Platform team, status: done}}
  engine/neptune: {{text: Choose an engine version., services: [neptune], owner: Data team}}
"""


def make_review(folder: Path) -> srm.Review:
    """The shop with a record, an overlay, and an owner's name that is full of markup."""
    part = folder / "house" / "services" / "rds.yaml"
    part.parent.mkdir(parents=True)
    part.write_text(HOUSE)
    record = folder / "review.yaml"
    record.write_text(RECORD)
    return srm.review(SHOP, record=record, overlay=folder / "house")


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> srm.Review:
    return make_review(tmp_path_factory.mktemp("review"))


@pytest.fixture(scope="module")
def path(review: srm.Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return srm.write(review, tmp_path_factory.mktemp("page") / "review.html")


@pytest.fixture
def show(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page in a window of its own, which must ask for nothing and complain of nothing."""
    opened: list[tuple[Any, list[str]]] = []

    def show_page(path: Path, size: dict[str, int] = SCREEN, **options: Any) -> Any:
        page, told = browser.new_page(viewport=size, **options), []
        page.set_default_timeout(10_000)
        page.on("request", lambda request: told.append(request.url))
        page.on("console", lambda message: told.append(message.text))
        page.goto(path.as_uri())
        assert told.pop() == path.as_uri()
        opened.append((page, told))
        return page

    yield show_page
    for page, told in opened:
        page.close()
        assert told == []


def review_many(folder: Path, services: int) -> srm.Review:
    """A state with one resource of each of so many services, as far as the mapping goes."""
    rows = csv.DictReader((ROOT / "data" / "mapping" / "terraform.csv").open())
    types = {row["service"]: row["resource_type"] for row in rows if row["service"]}
    blocks: list[tuple[str, dict[str, Any]]] = [(each, {}) for each in types.values()]
    return srm.review(save(folder, "many.tfstate", state(*blocks[:services])))


def squeeze(text: str) -> str:
    return "".join(text.split())


def test_the_page_tells_what_was_decided_and_what_changed(path: Path) -> None:
    text = html.unescape(path.read_text())
    for part in (
        "<h1>Who owns what in Shop</h1>", "<li>2026-03-01</li>", "SHA-256 of the input: ",
        "The shop in eu-central-1.", "One account holds all of it.",
        "backup/rds: The vault comes later. (Head of security, until 2026-09-30)",
        "Ada Example, Head of platform, 2026-03-02", " new, 1 changed, 1 gone since the sheet",
        "duties done, ", "Note: Sunday night.", '<span class="chip in-progress">in progress</span>',
        '<span class="chip person">Platform team</span>', "changed: -vpc text</span>",
        "Exception: Head of security: The vault comes later. (until 2026-09-30)",
        '<span class="chip accepted">accepted</span>', '<span class="chip new">new</span>',
    ):  # fmt: skip
        assert part in text, part


def test_what_is_owed_no_more_stands_in_a_list_of_its_own(path: Path) -> None:
    listed = path.read_text().partition('<h2 id="gone">No longer owed</h2>')[2].partition("<h2")[0]
    assert "Choose an engine version." in listed
    assert "Was for neptune." in listed
    assert "Data team" in listed


def test_what_an_overlay_says_is_marked_in_map_duty_and_cell(path: Path) -> None:
    text = path.read_text()
    assert re.search(r'title="rds · Backup: Customer \(by house\)">.*<i>\[c\]</i>', text)
    assert "[In brackets]: from an overlay (house)." in text
    assert text.count("Origin: house") == 1
    assert re.search(r'<span class="chip theirs"[^>]*>house</span><code>backup/rds</code>', text)


def test_a_page_without_record_or_overlay_tells_of_neither(tmp_path: Path) -> None:
    text = srm.write(srm.review(SHOP), tmp_path / "r.html").read_text()
    for part in ("What was decided", "No longer owed", "by-owner", "by-status", "[In brackets]"):
        assert part not in text
    assert 'class="by-layer"' in text


class Tags(HTMLParser):
    """Every tag of a page, and every attribute with its value."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.values: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.values += [(name, value or "") for name, value in attrs]


def test_an_owners_name_full_of_markup_stays_text(path: Path) -> None:
    text = path.read_text()
    page = Tags(text)
    assert not page.tags & {"img", "script", "iframe", "object", "link", "base"}
    assert not any(name.startswith("on") for name, _ in page.values)
    assert not any('Red "' in value or "Platform team" in value for _, value in page.values)
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert "blue" not in style
    assert "Platform" not in style
    assert html.escape(NASTY, quote=False).replace('"', "&#34;").replace("'", "&#39;") in text


def test_the_policy_stands_and_no_id_stands_twice(path: Path) -> None:
    text = path.read_text()
    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' in text
    ids = [value for name, value in Tags(text).values if name == "id"]
    assert len(ids) == len(set(ids))
    links = {value for name, value in Tags(text).values if name == "href" and value[0] == "#"}
    assert links <= {f"#{id}" for id in ids}


def test_the_same_review_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    again = srm.write(make_review(tmp_path), tmp_path / "again.html")
    assert again.read_bytes() == path.read_bytes()


def test_a_service_costs_a_page_less_than_40_kilobytes(matrix: srm.Matrix, tmp_path: Path) -> None:
    size = srm.write(matrix, tmp_path / "all.html").stat().st_size
    assert size < 40_000 * len(matrix.services)


def test_a_workload_without_any_service_has_a_page(tmp_path: Path) -> None:
    review = srm.review(save(tmp_path, "a.tfstate", state(("aws_brand_new_thing", {}))))
    text = srm.write(review, tmp_path / "r.html").read_text()
    assert "no row yet for aws_brand_new_thing" in text
    assert "<td class=" not in text


@pytest.mark.parametrize("services", [2, 12, 40])
def test_the_sheet_of_the_page_is_whole(matrix: srm.Matrix, tmp_path: Path, services: int) -> None:
    what = matrix.select(services=matrix.services[:services])
    text = srm.write(what, tmp_path / "m.html").read_text()
    style = text.partition("<style>")[2].partition("</style>")[0]
    depths = list(accumulate((char == "{") - (char == "}") for char in style))
    assert min(depths) == depths[-1] == 0


def test_a_comparison_tells_what_changes_hands(matrix: srm.Matrix, tmp_path: Path) -> None:
    comparison = srm.compare(matrix, "ec2", "lambda")
    text = srm.write(comparison, tmp_path / "c.html", date="2026-05-01").read_text()
    changed = sum(1 for row in comparison.rows() if row["changes"])
    assert text.count('<p class="side">') == 2 * changed
    assert len(re.findall(r'<td class="[a-z-]+ moved"', text)) == changed
    assert "<li>2026-05-01</li>" in text


@pytest.mark.parametrize("number", [0, 1, 23, 24, 25, 48, 49, 75])
def test_columns_are_split_evenly_and_none_is_lost(number: int) -> None:
    runs = split_columns([str(place) for place in range(number)])
    assert list(chain(*runs)) == [str(place) for place in range(number)]
    assert all(len(run) <= COLUMNS_ON_PAPER for run in runs)
    assert not runs or max(map(len, runs)) - min(map(len, runs)) <= 1


def tick(page: Any, *texts: str) -> None:
    """Tick the boxes with these labels, as a person would."""
    for text in texts:
        page.locator(".filters label").filter(
            has_text=re.compile(rf"^\s*{re.escape(text)}( \(\d+\))?\s*$")
        ).locator("input").check()


def list_shown(page: Any, what: str) -> list[str]:
    return page.evaluate(  # type: ignore[no-any-return]
        """what => [...document.querySelectorAll(what)]
        .filter(each => each.checkVisibility()).map(each => each.textContent)""",
        what,
    )


def read_count(page: Any, place: int) -> str:
    """The line that counts what is shown, as a screen reader hears it."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    told = [str(node.get("name", {}).get("value", "")) for node in nodes
            if node.get("role", {}).get("value") == "StaticText"]  # fmt: skip
    ends = [
        at
        for at, text in enumerate(told)
        if re.fullmatch(r" ?of \d+ (dut|serv)ic?i?es shown", text)
    ]
    return "".join(told[ends[place] - 1 : ends[place] + 2])


CHOICES: list[tuple[tuple[str, ...], dict[str, set[Any]]]] = [
    (("Platform",), {"group": {"platform"}}),
    (("Platform team",), {"owner": {"Platform team"}}),
    (("Platform", "Platform team"), {"group": {"platform"}, "owner": {"Platform team"}}),
    (("Access", NASTY), {"group": {"access"}, "owner": {NASTY}}),
    (("Access", "Platform", NASTY, "Platform team", "done"),
     {"group": {"access", "platform"}, "owner": {NASTY, "Platform team"}, "status": {"done"}}),
    (("nobody named", "Operations", "1", "2"),
     {"owner": {None}, "group": {"operations"}, "priority": {1, 2}}),
    (("accepted",), {"status": {"accepted"}}),
    (("Operations", "Platform team"), {"group": {"operations"}, "owner": {"Platform team"}}),
]  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize(
    ("ticks", "wanted"), CHOICES, ids=lambda each: "-".join(map(str, each))[:40]
)
def test_the_duties_shown_are_those_that_match_all_that_is_ticked(
    review: srm.Review, path: Path, show: Callable[..., Any],
    ticks: tuple[str, ...], wanted: dict[str, set[Any]],
) -> None:  # fmt: skip
    page = show(path)
    tick(page, *ticks)
    layers = review.matrix.catalogue.layers
    rows = [row | {"group": layers[row["layer"]].group} for row in review.rows()]
    matching = [row["duty"] for row in rows if all(row[key] in wanted[key] for key in wanted)]
    assert list_shown(page, ".duty code") == matching
    told = read_count(page, 0)
    assert told.startswith(f"{len(matching) or 'None'} of {len(rows)} duties shown")
    assert ("take a tick away" in told) == (not matching)
    page.get_by_role("button", name="Show everything").click()
    assert len(list_shown(page, ".duty code")) == len(rows)


@pytest.mark.browser
def test_a_duty_of_several_services_is_shown_where_one_of_them_is_ticked(
    review: srm.Review, path: Path, show: Callable[..., Any]
) -> None:
    page = show(path)
    rows = review.rows()
    shared = next(row for row in rows if len(row["services"]) > 2)
    ids = shared["services"][:2]
    page.get_by_text("Single services").click()
    for id in ids:
        page.locator("details.single label", has_text=re.compile(rf"^{id} \(")).click()
    wanted = [row["duty"] for row in rows if set(row["services"]) & set(ids)]
    assert shared["duty"] in wanted
    assert list_shown(page, ".duty code") == wanted


@pytest.mark.browser
def test_a_single_layer_may_be_ticked(
    review: srm.Review, path: Path, show: Callable[..., Any]
) -> None:
    page = show(path)
    page.get_by_text("Single layers").click()
    tick(page, "Backup", "Access")
    wanted = {"backup", "identity", "data-access"}
    assert list_shown(page, ".duty code") == [
        row["duty"] for row in review.rows() if row["layer"] in wanted
    ]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("group", "owners"),
    [(None, {"shared"}), ("platform", {"shared"}), ("access", {"aws"}), ("platform", None),
     ("configuration", {"customer", "not-applicable"})],
)  # fmt: skip
def test_the_cells_shown_are_those_of_the_layers_and_owners_ticked(
    review: srm.Review, path: Path, show: Callable[..., Any],
    group: str | None, owners: set[str] | None,
) -> None:  # fmt: skip
    page, matrix = show(path), review.matrix
    names = {"aws": "AWS", "not-applicable": "Not applicable"}
    tick(page, *([group.capitalize()] if group else []))
    tick(page, *(names.get(owner, owner.capitalize()) for owner in owners or ()))
    page.get_by_label("Open every service").check()
    cells = [
        row for row in matrix.rows()
        if group in (None, matrix.catalogue.layers[row["layer"]].group)
        and (owners is None or row["owner"] in owners)
    ]  # fmt: skip
    assert len(list_shown(page, ".service tbody tr")) == len(cells)
    shown = len({row["service"] for row in cells})
    assert len(list_shown(page, ".service")) == shown
    assert read_count(page, 1).startswith(f"{shown or 'None'} of {len(matrix.services)} services")


@pytest.mark.browser
def test_the_keyboard_alone_reaches_and_works_every_filter(
    path: Path, show: Callable[..., Any]
) -> None:
    page = show(path)
    page.get_by_text("Single services").click()
    page.get_by_text("Single layers").click()
    page.locator("#group-0").focus()
    boxes = page.locator(".filters input").count()
    reached = set()
    for _ in range(boxes + 3):
        reached.add(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")
    assert reached >= {box.get_attribute("id") for box in page.locator(".filters input").all()}
    page.locator("#group-0").focus()
    page.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
    assert page.evaluate(outline) == "solid"
    before = len(list_shown(page, ".duty"))
    page.keyboard.press("Space")
    assert 0 < len(list_shown(page, ".duty")) < before
    page.keyboard.press("Enter")
    assert page.url == path.as_uri()


@pytest.mark.browser
def test_a_cell_of_the_map_leads_to_its_duties_even_where_filters_hide_them(
    path: Path, show: Callable[..., Any]
) -> None:
    page = show(path)
    tick(page, "Access", "AWS")
    page.click("td[title^='rds · Backup'] a")
    assert page.locator("tr:target").is_visible()
    assert "Copy the backups" in page.locator("tr:target").inner_text()


def place_of(page: Any, what: str) -> dict[str, float]:
    return page.locator(what).first.bounding_box()  # type: ignore[no-any-return]


@pytest.mark.browser
def test_the_heads_of_a_map_that_fits_stick_to_the_window(
    path: Path, show: Callable[..., Any]
) -> None:
    page = show(path)
    page.evaluate(
        "scrollTo(0, document.querySelector('.map-box').getBoundingClientRect().top + 400)"
    )
    assert place_of(page, ".map thead")["y"] < 0
    assert 0 <= place_of(page, ".map tr.services th")["y"] < 40
    assert page.evaluate("document.elementFromPoint(500, 60).closest('thead') !== null")


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, SCREEN, WIDE], ids=["phone", "laptop", "wide"])
def test_heads_and_layer_names_of_a_wide_map_stay_in_its_box(
    matrix: srm.Matrix, tmp_path: Path, show: Callable[..., Any], size: dict[str, int]
) -> None:
    page = show(srm.write(matrix, tmp_path / "all.html"), size)
    page.evaluate("""() => { const box = document.querySelector('.map-box');
        box.scrollIntoView(); box.scrollTop = 300; box.scrollLeft = 500; }""")
    box = place_of(page, ".map-box")
    assert page.evaluate("document.querySelector('.map-box').scrollTop") > 50
    assert abs(place_of(page, ".map tr.models th")["y"] - box["y"]) < 4
    names = page.locator(".screen tbody tr:not(.group) th").all()
    assert all(abs(name.bounding_box()["x"] - box["x"]) < 4 for name in names)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


@pytest.mark.browser
def test_a_services_name_and_the_heads_of_its_cells_stay_in_view(
    path: Path, show: Callable[..., Any]
) -> None:
    page = show(path)
    page.locator(".service summary").nth(2).click()
    page.evaluate(
        "scrollBy(0, document.querySelector('details[open]').getBoundingClientRect().top + 900)"
    )
    assert abs(place_of(page, ".service details[open] summary")["y"]) < 1
    assert abs(place_of(page, ".service details[open] thead th")["y"] - 44) < 2


@pytest.mark.browser
@pytest.mark.parametrize("size", [PHONE, SCREEN, WIDE], ids=["phone", "laptop", "wide"])
def test_nothing_makes_the_page_scroll_sideways(
    path: Path, show: Callable[..., Any], size: dict[str, int]
) -> None:
    page = show(path, size)
    page.locator("#open-all").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


CONTRAST = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = rgb => { const [r, g, b] = rgb.map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = each => { for (let at = each; at; at = at.parentElement) {
    const rgb = parse(getComputedStyle(at).backgroundColor);
    if (rgb.length === 3 || rgb[3] > 0) return rgb.slice(0, 3); } return [255, 255, 255]; };
  const what = 'td, th, p, a, b, code, label, legend, li, dt, dd, h1, h2, summary, .chip, .rank, .quiet';
  return [...document.querySelectorAll(what)].filter(each => each.checkVisibility()).map(each => {
    const [a, b] = [light(parse(getComputedStyle(each).color).slice(0, 3)), light(ground(each))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), each.className, each.tagName]; })
    .filter(([ratio]) => ratio < 4.5).slice(0, 5); }"""


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(
    path: Path, show: Callable[..., Any], scheme: str
) -> None:
    page = show(path, color_scheme=scheme)
    page.locator("#open-all").check()
    assert page.evaluate(CONTRAST) == []
    tick(page, "Platform", "open")
    assert page.evaluate(CONTRAST) == []


def print_page(page: Any, path: Path) -> str:
    """The text of the page printed on A4."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is not there to read the print; install poppler-utils")
    page.pdf(path=str(path), format="A4")
    done = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return squeeze(done.stdout.decode())


@pytest.mark.browser
def test_the_print_holds_every_duty_and_every_cell(
    review: srm.Review, path: Path, show: Callable[..., Any], tmp_path: Path
) -> None:
    text = print_page(show(path), tmp_path / "r.pdf")
    assert [row["duty"] for row in review.rows() if squeeze(row["text"]) not in text] == []
    duties = [row["aws_duty"] for row in review.matrix.rows() if row["aws_duty"]]
    # A duty that stands beside a longer one in its row is told line by line between its columns.
    first_words = [squeeze(" ".join(duty.split()[:2])) for duty in duties]
    assert [words for words in first_words if words not in text] == []
    assert "Showeverything" not in text


@pytest.mark.browser
@pytest.mark.parametrize("services", [3, 18, 40, 75])
def test_no_map_is_wider_than_the_paper_and_no_service_is_missing(
    tmp_path: Path, show: Callable[..., Any], matrix: srm.Matrix, services: int
) -> None:
    what = matrix.select(services=matrix.services[:services])
    page = show(srm.write(what, tmp_path / "m.html"), {"width": 703, "height": 1000})
    page.emulate_media(media="print")
    maps = [each for each in page.locator("table.map").all() if each.is_visible()]
    assert len(maps) == -(-services // COLUMNS_ON_PAPER)
    assert all(each.bounding_box()["width"] <= 703 for each in maps)
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    heads = [head for each in maps for head in each.locator("tr.services th").all_inner_texts()]
    assert sorted(head for head in heads if head != "Layer") == sorted(what.services)
    assert all(len(each.locator("tbody tr:not(.group) th").all()) == 28 for each in maps)


@pytest.mark.browser
def test_the_print_of_a_comparison_holds_both_sides_and_every_cell(
    matrix: srm.Matrix, show: Callable[..., Any], tmp_path: Path
) -> None:
    comparison = srm.compare(matrix, "ec2", "lambda")
    page = show(srm.write(comparison, tmp_path / "c.html"))
    text = print_page(page, tmp_path / "c.pdf")
    owed = [row["customer_duty"] for row in comparison.matrix.rows() if row["customer_duty"]]
    missing = [duty for duty in owed if squeeze(" ".join(duty.split()[:2])) not in text]
    assert missing == []
    assert "Singlelayers" not in text


@pytest.mark.browser
def test_what_is_ticked_is_printed_alone_and_said(
    review: srm.Review, path: Path, show: Callable[..., Any], tmp_path: Path
) -> None:
    page = show(path)
    tick(page, "Platform team", "done")
    text = print_page(page, tmp_path / "r.pdf")
    assert f"1of{len(review.rows())}dutiesshown." in text
    assert "OwnerPlatformteam(2)" in text
    assert "nobodynamed" not in text


@pytest.mark.browser
def test_a_workload_of_many_services_prints_in_runs(
    tmp_path: Path, show: Callable[..., Any]
) -> None:
    review = review_many(tmp_path, 80)
    assert len(review.matrix.services) > 2 * COLUMNS_ON_PAPER
    path = srm.write(review, tmp_path / "r.html")
    page = show(path, {"width": 703, "height": 1000})
    page.emulate_media(media="print")
    maps = [each for each in page.locator("table.map").all() if each.is_visible()]
    assert len(maps) == -(-len(review.matrix.services) // COLUMNS_ON_PAPER)
    assert path.stat().st_size < 45_000 * len(review.matrix.services)
