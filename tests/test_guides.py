"""The guides: their commands run, they print what is shown, and what they say of owners is in the data."""

from __future__ import annotations

import re
import runpy
import shlex
import shutil
from collections import Counter
from pathlib import Path

import pytest
import ryaml

import srmlib
from scripts.make_docs import LINK
from srmlib.catalogue import list_source_ids
from srmlib.cli import main, make_parser
from srmlib.export.edition import name_catalogue
from srmlib.matrix import Matrix
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)
ANSWER = re.compile(r"^(srmlib matrix .*?) +# ([a-z-]+)$", re.M)
AWS_PAGE = re.compile(r"\((https://(?:docs\.)?aws\.amazon\.com/[^)#]+)")


def list_commands(text: str) -> list[str]:
    """The lines in a page's fences that call srmlib."""
    lines = "".join(body for kind, body in FENCE.findall(text) if kind == "sh").splitlines()
    return [line for line in lines if line.startswith("srmlib ")]


def list_words(command: str) -> list[str]:
    """What the parser gets of it: no comment, no redirection."""
    return shlex.split(command.partition(" > ")[0], comments=True)[1:]


def squeeze(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


@pytest.mark.parametrize("name", ["quick-start", "audit"])
def test_a_guide_runs_and_prints_what_it_shows(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    shutil.copytree(ROOT / "notebooks" / "workloads", "workloads")
    shutil.copy("workloads/shop-plan.json", "plan.json")
    shown = ""
    for kind, body in FENCE.findall((DOCS / f"{name}.md").read_text()):
        if kind == "python":
            Path("guide.py").write_text(body)
            runpy.run_path("guide.py")
        elif kind == "text" and not shown:  # No command has run: it is the reader's own file.
            Path("services.csv").write_text(body)
        elif kind == "text":
            for line in squeeze(body).splitlines():
                assert line in shown
        for command in list_commands(f"```{kind}\n{body}```"):
            words = list_words(command)
            # A terminal gets a table.
            assert main([*words, *(() if "--format" in words else ("--format", "table"))]) == 0
            shown = squeeze(capsys.readouterr().out)
            outputs = [words[place + 1] for place, word in enumerate(words) if word == "-o"]
            assert all(Path(output).stat().st_size for output in outputs)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_is_one_that_the_parser_takes(page: Path) -> None:
    for command in list_commands(page.read_text()):
        options, unknown = make_parser().parse_known_args(list_words(command))
        assert not unknown or options.command in ("lab", "dashboard"), command


def test_answers_that_name_an_owner_are_those_of_the_data(matrix: Matrix) -> None:
    answers = ANSWER.findall((DOCS / "faq.md").read_text())
    assert len(answers) == len(list_commands((DOCS / "faq.md").read_text()))
    for command, owner in answers:
        options = make_parser().parse_args(list_words(command))
        chosen = matrix.select(services=options.service, layers=options.layer)
        assert set(chosen.cells["owner"]) == {owner}, command


def test_a_page_of_aws_that_an_answer_links_is_cited_by_its_cells(matrix: Matrix) -> None:
    """By the cells that the same section asks about; a section without a command is about no cell."""
    for section in (DOCS / "faq.md").read_text().split("\n### ")[1:]:
        cited = set()
        for command, _ in ANSWER.findall(section):
            options = make_parser().parse_args(list_words(command))
            claims = matrix.select(services=options.service, layers=options.layer).claims
            cells = [claim.cell for row in claims.values() for claim in row.values()]
            ids = {id for cell in cells for id in list_source_ids(cell)}
            cited |= {matrix.catalogue.sources[id].url for id in ids}
        linked = set(AWS_PAGE.findall(section))
        assert not cited or linked <= cited, section.partition("\n")[0]


def test_the_index_lists_every_guide_and_notebook_once() -> None:
    _, _, sections = (DOCS / "README.md").read_text().partition("\n## ")
    listed = Counter(Path(name).name for name in LINK.findall(sections))
    there = {page.name for page in DOCS.glob("*.md")} - {"README.md"}
    there |= {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert there - set(listed) == set()
    assert {name for name in there if listed[name] > 1} == set()


def test_what_the_method_says_to_cite_is_what_exports_carry(
    matrix: Matrix, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (DOCS / "method.md").read_text()
    code = next(body for kind, body in FENCE.findall(text) if kind == "python")
    (tmp_path / "cite.py").write_text(code)
    runpy.run_path(str(tmp_path / "cite.py"))
    assert capsys.readouterr().out.strip() == name_catalogue(matrix.catalogue)


def test_the_citation_file_names_this_version() -> None:
    told = ryaml.loads((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(told)
    assert told["version"] == srmlib.__version__
    assert told["license"] == "Apache-2.0"
