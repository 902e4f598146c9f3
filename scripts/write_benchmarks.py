"""Every benchmark in one run, and docs/benchmarks.md: the ratios, the goals, the machine, the versions."""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import bench
import bench_exports
import bench_fleet
import bench_memory
import bench_toggle
from bench import LINES

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
PACKAGES = (
    "pandas", "plotly", "msgspec", "orjson", "isal", "duckdb", "xlsxwriter", "python-pptx", "kaleido",
    "jupyterlab", "ipywidgets",
)  # fmt: skip


def main() -> None:
    """Run all of them; the page is written at the end, of what was measured."""
    for each in (bench, bench_memory, bench_exports, bench_toggle, bench_fleet):
        each.main()
    PAGE.write_text("\n".join(tell_page()) + "\n", encoding="utf-8")


def tell_page() -> Iterator[str]:
    """The page, line by line."""
    yield "# Benchmarks"
    yield ""
    yield "How fast srmlib is beside what one would use without it. `make bench` measures all of it again and writes this page."
    yield ""
    yield (
        "Only ratios say something: both sides run in turns, in one run, and the median of each counts. The milliseconds "
        "are this machine's, and move twofold from run to run."
    )
    yield ""
    yield "| what | ours | peer | ratio | goal | the peer is |"
    yield "| --- | ---: | ---: | ---: | --- | --- |"
    for line in LINES:
        yield f"| {' | '.join(part.replace('|', chr(92) + '|') for part in line)} |"
    yield ""
    yield "## Measured on"
    yield ""
    yield f"- {datetime.date.today().isoformat()}, {tell_machine()}"
    yield f"- Python {platform.python_version()}, {', '.join(f'{name} {version(name)}' for name in PACKAGES)}"
    if browser := shutil.which("chromium") or shutil.which("google-chrome"):
        told = subprocess.run([browser, "--version"], capture_output=True, text=True, check=False)
        yield f"- {told.stdout.strip()}"


def tell_machine() -> str:
    """Cores, memory and system, as far as the system tells them."""
    parts = [f"{os.cpu_count()} cores ({platform.machine()})"]
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        parts.append(f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') >> 30} GiB")
    return ", ".join((*parts, platform.system()))


if __name__ == "__main__":
    main()
