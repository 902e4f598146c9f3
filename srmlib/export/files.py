"""Which exporter answers for a file's ending, and how a batch of files is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srmlib.atomic import replace_file, replace_files
from srmlib.data_files import PathLike
from srmlib.diffs import Difference
from srmlib.errors import SrmError
from srmlib.export.edition import Edition, check_controls, keep_silent
from srmlib.fleet import Fleet, FleetAnswer
from srmlib.frameworks import ControlMatrix
from srmlib.records import check_date
from srmlib.reviews import Review
from srmlib.rooms import Misconceptions
from srmlib.teams import TeamSplit

if TYPE_CHECKING:
    from srmlib.export.tables import Exportable

FORMATS = {
    ".csv": "csv", ".html": "html", ".jira.csv": "jira", ".json": "json", ".md": "md",
    ".oscal.json": "oscal", ".pptx": "pptx", ".xlsx": "xlsx", ".pdf": "image", ".png": "image", ".svg": "image",
}  # fmt: skip


def write(
    what: Exportable | Any,
    path: PathLike,
    *,
    date: str | None = None,
    template: PathLike | None = None,
    progress: Callable[[int, int], None] = keep_silent,
) -> Path:
    """Write a matrix, a comparison, a review, a framework's controls, a split, misconceptions or a
    difference or a fleet in the format of the path's ending.

    A plotly Figure goes to .png, .svg and .pdf. `date` (2026-01-31) is the day that is shown,
    `template` a .pptx whose masters a deck takes, `progress` is called with steps done and in all.
    The file is replaced only when the new one is complete; SrmError where that cannot be.
    """
    return write_all({path: what}, date=date, template=template, progress=progress)[0]


def write_all(
    what: Mapping[PathLike, Exportable | Any],
    *,
    date: str | None = None,
    template: PathLike | None = None,
    progress: Callable[[int, int], None] = keep_silent,
) -> list[Path]:
    """Write several files, each as `write` does; the browser that draws images starts only once."""
    edition = Edition(check_date(date), Path(template) if template else None)
    named = [(each, Path(path), find_format(Path(path))) for path, each in what.items()]
    with ExitStack() as batch:
        if "image" in {name for _, _, name in named}:
            batch.enter_context(import_module("srmlib.export.image_file").keep_browser())
        return [
            _write_one(*one, edition._replace(tell=_share(progress, place, len(named))))
            for place, one in enumerate(named)
        ]


def write_oscal(
    what: Review | ControlMatrix, folder: PathLike, *, date: str | None = None
) -> list[Path]:
    """Write OSCAL documents that refer to each other into a folder, made where there is none.

    `component-definition.json` has the services in use, `leveraged-ssp.json` AWS's side as srmlib reads
    it, `ssp.json` the workload's own plan, a skeleton. A review is written by NIST SP 800-53 r5.
    """
    if not isinstance(what, Review | ControlMatrix):
        raise SrmError(
            "a plan is written of a workload's controls; give review.answer_controls(...)"
        )
    module, target = import_module("srmlib.export.oscal_file"), Path(folder)
    made = module.render_all(what, Edition(check_date(date)))
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        raise SrmError(f"{target.name}: no folder to write to ({error.strerror})") from None
    # Documents that refer to each other: two new ones and an old one would be no plan.
    return replace_files({target / name: content for name, content in made.items()})


def _share(
    progress: Callable[[int, int], None], place: int, count: int
) -> Callable[[int, int], None]:
    """Progress within one file of several, as progress of them all."""
    return lambda done, of: progress(place * of + done, count * of)


def find_format(path: Path) -> str:
    """The exporter for a file's ending; of two that fit, the longer one."""
    name = path.name.lower()
    for ending in sorted(FORMATS, key=len, reverse=True):
        if name.endswith(ending):
            return FORMATS[ending]
    raise SrmError(f"{path.name}: no format for this ending; use {', '.join(sorted(FORMATS))}")


def _write_one(what: Any, path: Path, name: str, edition: Edition) -> Path:
    if isinstance(what, FleetAnswer) and name not in ("csv", "json"):
        what = what.fleet
    if isinstance(what, Review | ControlMatrix) and edition.date:
        what = replace(what, date=edition.date)
    if isinstance(what, ControlMatrix) and name != "oscal":
        check_controls(what)
    if reason := _refuse(what, name):
        raise SrmError(f"{path.name}: {reason}")
    module = import_module(f"srmlib.export.{name}_file")
    content = module.render(what, path.suffix[1:].lower() if name == "image" else edition)
    edition.tell(1, 1)
    return replace_file(path, content.encode() if isinstance(content, str) else content)


def _refuse(what: Any, name: str) -> str | None:
    """Why a format cannot hold this, and what can; nothing where it can."""
    if isinstance(what, Fleet) and name not in ("csv", "json") and not what.matrix.services:
        return "no account runs a service that has a row; ask for `unmapped`"
    if isinstance(what, Fleet) and name in ("jira", "oscal", "pptx"):
        return (
            "a fleet is written as .csv, .json, .xlsx, .html, .md or a picture; for the rest review "
            "one account's files"
        )
    if name == "image":
        return None
    if not hasattr(what, "rows"):
        return "a figure is written as .png, .svg or .pdf; change the ending"
    if name in ("csv", "json", "md"):
        return None
    if isinstance(what, TeamSplit):
        return (
            "a split among teams is written as .csv, .json, .md or a picture; for the rest write "
            "review.assign(teams)"
        )
    if isinstance(what, Difference):
        return "a difference is written as .csv, .json or .md"
    if isinstance(what, Misconceptions):
        return (
            "misconceptions are written as .csv, .json or .md; for a picture write "
            "srm.misconceptions_chart(...)"
        )
    return None
