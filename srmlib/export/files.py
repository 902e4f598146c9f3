"""Which exporter answers for a file's ending."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from srmlib.atomic import replace_file
from srmlib.catalogue import PathLike
from srmlib.errors import SrmError

if TYPE_CHECKING:
    from srmlib.export.tables import Exportable

FORMATS = {".csv": "csv", ".html": "html", ".json": "json", ".md": "md"}


def write(what: Exportable, path: PathLike) -> Path:
    """Write a matrix, a comparison or a review in the format of the path's ending.

    The file is replaced only when the new one is complete; SrmError where that cannot be.
    """
    target = Path(path)
    name = FORMATS.get(target.suffix.lower())
    if name is None:
        raise SrmError(
            f"{target.name}: no format for this ending; use {', '.join(sorted(FORMATS))}"
        )
    render = import_module(f"srmlib.export.{name}_file").render
    return replace_file(target, render(what).encode())
