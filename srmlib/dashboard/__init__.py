"""The explorer as a page for readers without code: Voila runs it, on this machine only."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from srmlib.catalogue import PathLike, load_catalogue
from srmlib.errors import SrmError

if TYPE_CHECKING:
    from srmlib.explorer import Explorer

# With the details beside it, as wide as a window of 1366; and not more services than have names.
WIDTH = 1000
FIRST_MODELS = ("on-premises", "iaas", "containers")
# How the server tells the kernel, which is another process in another folder.
SETTINGS = "SRMLIB_DASHBOARD"


def open_dashboard(
    options: Sequence[str] = (), data: PathLike | None = None, overlays: Sequence[PathLike] = ()
) -> int:
    """Serve the page until it is interrupted; `options` are Voila's own."""
    if find_spec("voila") is None:
        raise SrmError("Voila is not installed; run `pip install 'srmlib[lab]'`")
    load_catalogue(data, overlays)  # A fault in the data is told here, not in a reader's browser.
    os.environ[SETTINGS] = json.dumps(
        {
            "data": str(Path(data).resolve()) if data else None,
            "overlays": [str(Path(each).resolve()) for each in overlays],
            "folder": str(Path.cwd()),
        }
    )
    from srmlib.dashboard.server import Dashboard

    Dashboard.launch_instance(list(options))
    return 0


def show_explorer() -> Explorer:
    """What the page shows; a claim that a reader writes lands where the command was given."""
    from srmlib.explorer import OVERLAY, explore
    from srmlib.matrix import load_matrix

    told = json.loads(os.environ.get(SETTINGS, "{}"))
    matrix = load_matrix(told.get("data"), told.get("overlays", ()))
    view = explore(matrix, WIDTH, Path(told.get("folder", "")) / OVERLAY)
    for id, toggle in view.models.items():
        toggle.value = id in FIRST_MODELS or not set(FIRST_MODELS) & set(view.models)
    return view
