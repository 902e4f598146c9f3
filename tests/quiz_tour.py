"""What the quiz promises a class, tried in a page that shows it: in JupyterLab and in the dashboard."""

from __future__ import annotations

from typing import Any

from scripts.lab_server import PLOT, wait_for
from srmlib.answers import Answers, find_truth
from srmlib.figures.marks import LETTERS
from srmlib.matrix import Matrix
from tests.test_browser import take_picture

VIEW = ".srm-quiz"
IDS = ["ec2", "ecs-fargate", "rds", "lambda", "s3"]
BY_CLICKS = {("rds", "backup"): "aws", ("ec2", "physical"): "aws"}
BY_KEYS = {("rds", "backup"): "shared", ("rds", "disaster-recovery"): "aws"}


def read_axis(page: Any, axis: str) -> list[str]:
    names = page.evaluate(f"document.querySelector('{PLOT}').layout.{axis}axis.ticktext")
    return [name.replace("<br>", "") for name in names]


def click_cell(page: Any, service: str, layer: str) -> None:
    columns, rows = read_axis(page, "x"), read_axis(page, "y")
    area = page.locator(f"{PLOT} .nsewdrag").bounding_box()
    place = (area["x"] + area["width"] * (columns.index(service) + 0.5) / len(columns),
             area["y"] + area["height"] * (rows.index(layer) + 0.5) / len(rows))  # fmt: skip
    page.mouse.move(area["x"] + 5, area["y"] + 5)
    page.mouse.move(*place)
    page.wait_for_timeout(150)  # Plotly looks at the pointer at most every 50 ms.
    page.mouse.click(*place)


def read_marks(page: Any) -> dict[tuple[str, str], str]:
    """The letters of each cell as they are drawn, without markup, by the names of the axes."""
    texts = page.evaluate(
        f"""() => Array.from(document.querySelector('{PLOT}').data[0].text, row => Array.from(row, text =>
        new DOMParser().parseFromString(text, 'text/html').body.textContent))"""
    )
    columns, rows = read_axis(page, "x"), read_axis(page, "y")
    return {
        (column, row): text
        for row, line in zip(rows, texts, strict=True)
        for column, text in zip(columns, line, strict=True)
    }


def expect_mark(page: Any, service: str, layer: str, mark: str) -> None:
    wait_for(
        lambda: read_marks(page)[service, layer] == mark, 10, f"{service} {layer} is not {mark}"
    )


def expect_truth(page: Any, matrix: Matrix, answers: Answers) -> None:
    """Every cell shows the owner that the matrix has, beside an answer that differs."""
    expected = {}
    for place in [(service, layer) for service in matrix.services for layer in matrix.layers]:
        given, truth = answers.get(place), find_truth(matrix, place)
        before = LETTERS[given] if given else ""
        name = matrix.catalogue.layers[place[1]].name
        expected[place[0], name] = before if given == truth else f"{before}→{LETTERS[truth]}"
    wait_for(lambda: read_marks(page) == expected, 10, "the page shows another truth")


def press_key(page: Any, name: str) -> None:
    """Go on with Tab, or back, until the button has the focus, and press Space."""
    button = page.get_by_role("button", name=name, exact=True)
    for key in ["Tab"] * 15 + ["Shift+Tab"] * 30:
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press(key)
    page.keyboard.press("Space")


def fill_by_clicks(page: Any, matrix: Matrix, pictures: str) -> None:
    """BY_CLICKS into a blank quiz, the truth, a cell's duties, and blank again."""
    take_picture(page, f"{pictures}-blank.png")
    for turn in ("A", "S", "C", "–", "", "A"):
        click_cell(page, "rds", "Backup")
        expect_mark(page, "rds", "Backup", turn)
    click_cell(page, "ec2", "Physical facility")
    expect_mark(page, "ec2", "Physical facility", "A")
    take_picture(page, f"{pictures}-filled.png")
    assert "Set AWS" in page.inner_text(VIEW)
    duty = matrix.claims["rds"]["backup"].cell.customer_duty
    assert duty not in page.content()
    page.get_by_role("button", name="Reveal").click()
    expect_truth(page, matrix.select(services=IDS), BY_CLICKS)
    wait_for(lambda: "1 of 2 answered right" in page.inner_text(VIEW), 10, "no score")
    click_cell(page, "rds", "Backup")
    wait_for(lambda: duty in page.inner_text(f"{VIEW} .srm-cell"), 10, "no duty")
    assert page.locator(f"{PLOT} .shapelayer path").count()
    take_picture(page, f"{pictures}-revealed.png")
    expect_mark(page, "rds", "Backup", "A→S")
    page.get_by_role("button", name="Start again").click()
    expect_mark(page, "rds", "Backup", "")


def fill_by_keys(page: Any, matrix: Matrix) -> None:
    """BY_KEYS into a blank quiz without a pointer, up to the score."""
    page.get_by_label("Service", exact=True).focus()
    service, layer = read_axis(page, "x").index("rds"), read_axis(page, "y").index("Backup")
    for key in ("Home", *["ArrowDown"] * service, "Tab", "Home", *["ArrowDown"] * layer):
        page.keyboard.press(key)
    press_key(page, "Set shared")
    expect_mark(page, "rds", "Backup", "S")
    press_key(page, "Next cell")
    press_key(page, "Set AWS")
    expect_mark(page, "rds", "Disaster recovery", "A")
    press_key(page, "Reveal")
    expect_truth(page, matrix.select(services=IDS), BY_KEYS)
    assert "1 of 2 answered right, 2 of the 140 cells" in page.inner_text(VIEW)
    wait_for(
        lambda: page.evaluate("document.activeElement.tagName") == "SELECT", 10, "focus is lost"
    )


def save_by_keys(page: Any, name: str) -> None:
    """First without a name, which is refused, and then under this one."""
    page.get_by_label("File", exact=True).focus()
    press_key(page, "Save my answers")
    page.wait_for_selector(f"{VIEW} .srm-fault")
    page.keyboard.press("Shift+Tab")
    page.keyboard.type(name)
    # A press is sent at once, what was typed only when the kernel has taken the letter before:
    # a person is slower than both.
    page.wait_for_timeout(1000)
    press_key(page, "Save my answers")
