"""The explorer, or the quiz, as a page for readers without code: Voila runs it, on this machine only."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srmlib.answers import check_size
from srmlib.data_files import PathLike
from srmlib.errors import SrmError
from srmlib.matrix import load_matrix

if TYPE_CHECKING:
    from srmlib.explorer import Explorer
    from srmlib.lessons import Quiz

# With the details beside it, as wide as a window of 1366; and not more services than have names.
WIDTH = 1000
FIRST_MODELS = ("on-premises", "iaas", "containers")
QUIZ_SERVICES = ("ec2", "ecs-fargate", "rds", "lambda", "s3")
# How the server tells the kernel, which is another process in another folder.
SETTINGS = "SRMLIB_DASHBOARD"


def open_dashboard(
    options: Sequence[str] = (),
    data: PathLike | None = None,
    overlay: Sequence[PathLike] = (),
    quiz: Sequence[str] | None = None,
) -> int:
    """Serve the page until it is interrupted; `options` are Voila's own.

    `quiz` names the services of a quiz, which is the page then; without a name five are chosen.
    """
    if find_spec("voila") is None:
        raise SrmError("Voila is not installed; run `pip install 'srmlib[lab]'`")
    # A fault in the data, or in a name, is told here and not in a reader's browser.
    matrix = load_matrix(data, overlay)
    services = None if quiz is None else list(quiz or QUIZ_SERVICES)
    if services is not None:
        check_size(matrix.select(services=services), "after --quiz")
    os.environ[SETTINGS] = json.dumps(
        {
            "data": str(Path(data).resolve()) if data else None,
            "overlay": [str(Path(each).resolve()) for each in overlay],
            "folder": str(Path.cwd()),
            "quiz": services,
        }
    )
    from srmlib.dashboard.server import Dashboard, QuizDashboard

    (Dashboard if services is None else QuizDashboard).launch_instance(list(options))
    return 0


def show_explorer() -> Explorer:
    """What the page shows; a claim that a reader writes lands where the command was given."""
    from srmlib.explorer import OVERLAY, explore

    told = _read_settings()
    matrix = load_matrix(told.get("data"), told.get("overlay", ()))
    view = explore(matrix, WIDTH, Path(told.get("folder", "")) / OVERLAY)
    for id, toggle in view.models.items():
        toggle.value = id in FIRST_MODELS or not set(FIRST_MODELS) & set(view.models)
    return view


def show_quiz() -> Quiz:
    """What the page of a class shows; answers go to the reader, who cannot reach the server's folder."""
    from srmlib.handover import Handover
    from srmlib.lessons import Quiz

    told = _read_settings()
    matrix = load_matrix(told.get("data"), told.get("overlay", ()))
    return Quiz(matrix.select(services=told.get("quiz") or QUIZ_SERVICES), handover=Handover())


def _read_settings() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(os.environ.get(SETTINGS, "{}"))
    return told
