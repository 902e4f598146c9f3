"""The memory that a large state takes, beside a process that only imports what reads it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import Line, keep_line, reading, write_state

COPIES = 9  # of the 100,000 resources that bench.py writes: 3 GiB
ARRAY, END = b'"resources": [', b"\n  ]"
GOAL = 60  # MiB
# What the second process does that a large state is shared with.
LATER = """
from pathlib import Path
from srmlib.data_files import list_folders
from srmlib.inventory.documents import Document
from srmlib.inventory.parts import find_parts
from srmlib.inventory.terraform_state import count_later
from srmlib.inventory.words import load_words
parts = find_parts(Document(Path({!r})), "resources")
count_later(parts, load_words(list_folders(None, ())).wanted)
"""


def main() -> None:
    """Print a line: the peak above that of an idle import, and the goal."""
    with tempfile.TemporaryDirectory() as name:
        state = write_state(Path(name))
        size = COPIES * state.stat().st_size
        if shutil.disk_usage(name).free < 2 * size:
            print(f"memory of a large state: skipped, {name} has not {2 * size >> 30} GiB free")
            return
        large = repeat_resources(state)
        idle = measure("import srmlib.inventory")
        peak = measure(f"import srmlib.inventory; {reading(large)}") - idle
        second = measure(LATER.format(str(large)))
        what = (
            f"memory of a state of {size >> 20:,} MiB above an idle import, with its second process"
        )
        keep_line(Line(what, f"{(peak + second) >> 10} MiB", "", "", f"<= {GOAL} MiB", ""))


def repeat_resources(state: Path) -> Path:
    """The state with its resources several times over, written without holding it."""
    content = state.read_bytes()
    start, end = content.index(ARRAY) + len(ARRAY), content.rindex(END)
    resources = memoryview(content)[start:end]
    path = state.with_name("repeated.tfstate")
    with path.open("wb") as out:
        out.write(content[:start])
        for copy in range(COPIES):
            out.write(b"," if copy else b"")
            out.write(resources)
        out.write(content[end:])
    return path


def measure(code: str) -> int:
    """The peak of a fresh Python in KiB."""
    # A child's ru_maxrss begins with the memory of what it was forked from, so /proc is asked.
    told = f"{code}\nprint(next(l.split()[1] for l in open('/proc/self/status') if 'VmHWM' in l))"
    done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True)
    return int(done.stdout)


if __name__ == "__main__":
    main()
