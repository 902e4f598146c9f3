"""srmlib in processes that die, run out of room or have no rights, at a moment that a test names.

This file is run as a process of its own: it loads srmlib once and forks for each run, which it gets
as a line of JSON. What happens to a run comes from the kernel, never from a mock.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, NoReturn

ROOT = Path(__file__).parent.parent
PLAN = ROOT / "notebooks" / "workloads" / "shop-plan.json"
CAPABILITIES = struct.pack("II", 0x20080522, 0)  # version 3, this process


class Ended(NamedTuple):
    """How a run ended: its code, or the signal as a negative number, and what it complained of."""

    code: int
    complaint: str


Run = Callable[..., Ended]


@contextmanager
def start_runs(place: Path) -> Iterator[Run]:
    """A function that runs a command: `fate` is what befalls it when it reaches the path `where`."""
    command = [sys.executable, __file__]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as server:  # fmt: skip
        assert server.stdin
        assert server.stdout

        def run(*words: object, folder: Path, **order: object) -> Ended:
            told = {"words": [*map(str, words)], "folder": str(folder), "errors": str(place)}
            told |= {"env": {k: v for k, v in os.environ.items() if k.startswith("AWS_")}, **order}
            print(json.dumps(told), file=server.stdin, flush=True)
            return Ended(int(server.stdout.readline()), place.read_text())  # type: ignore[union-attr]

        yield run
        server.stdin.close()


def serve() -> None:
    """Take orders until there are no more."""
    warm_up()
    for line in sys.stdin:
        if not (process := os.fork()):
            obey(json.loads(line))
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def warm_up() -> None:
    """Load what most runs need, by a review; a fork has no other threads, so none may have begun."""
    from srmlib.cli import main

    with TemporaryDirectory() as place, redirect_stdout(StringIO()):
        outputs = [f"-o{place}/r{ending}" for ending in (".pptx", ".xlsx", ".html", ".oscal.json")]
        main(["review", str(PLAN), *outputs])
    assert threading.active_count() == 1


def obey(order: dict[str, Any]) -> NoReturn:
    """One run: the command's own code, or 99 with a traceback."""
    code: Any = 99
    try:
        os.environ.update(order["env"])
        os.chdir(order["folder"])
        for path, stream in ((order.get("output", os.devnull), 1), (order["errors"], 2)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        prepare(order.get("fate", ""), order.get("where", ""), order.get("room", 300))
        code = call(*order["words"])
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(code)


def prepare(fate: str, where: str, room: int) -> None:
    """Wait for the path: from then on no file grows beyond `room` bytes, or the process is dead."""
    import resource

    if fate == "no rights" and sys.platform == "linux":  # Of root, too, a mode asks something then.
        ctypes.CDLL(None).capset(CAPABILITIES, bytes(24))
    if fate == "killed while it writes":
        signal.signal(signal.SIGXFSZ, lambda *_: os.kill(os.getpid(), signal.SIGKILL))

    def watch(event: str, about: tuple[Any, ...]) -> None:
        reached = event in ("open", "os.rename") and re.search(where, str(about[0]))
        if reached and event == "os.rename" and fate == "killed before it replaces":
            os.kill(os.getpid(), signal.SIGKILL)
        if reached and event == "open" and fate in ("killed while it writes", "no room"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    sys.addaudithook(watch)


def call(command: str, *words: str) -> int:
    """A command of srmlib, or what else writes files of users."""
    if command == "run-notebook":
        from scripts.run_notebooks import run_notebook

        run_notebook(Path(words[0]))
        return 0
    if command == "copy-notebooks":
        from srmlib.lab import find_notebooks

        find_notebooks(Path(words[0]))
        return 0
    from srmlib.cli import main

    return main([command, *words])


if __name__ == "__main__":
    serve()
