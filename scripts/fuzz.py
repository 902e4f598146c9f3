"""Give mutated inputs to srmlib, guided by the code that they reach: each fault is a test to write.

    python scripts/fuzz.py [--runs 10000] [--keep FOLDER] [TARGET...]

Every target runs in a process of its own. What is no SrmError, takes over 10 seconds or lets a
value of a file out is told once for each place in the code, with an input that leads there.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import subprocess
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NoReturn

SECONDS = 10  # for one input
LENGTH = 6000  # bytes of an input
MEMORY = 2048  # MiB; libFuzzer ends a process that takes more
SLOW = {
    "sheet": 20,
    "template": 20,
    "exports": 50,
    "data": 10,
    "snapshot": 5,
    "terraform-source": 5,
}


def main() -> None:
    """Run the targets one after the other; the exit code is 1 where one has a fault."""
    options = parse_options()
    if options.inside:
        run_target(options.targets[0], options.runs, options.keep, options.seed)
    from fuzz_targets import list_targets

    codes = [
        subprocess.run(
            [sys.executable, __file__, "--inside", "--runs", str(options.runs // SLOW.get(name, 1)),
             "--seed", str(options.seed), "--keep", str(options.keep), name], check=False,
        ).returncode
        for name in options.targets or list_targets()
    ]  # fmt: skip
    sys.exit(any(codes))


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000, help="inputs a target; fewer if slow")
    parser.add_argument("--seed", type=int, default=1, help="where chance begins")
    parser.add_argument("--keep", type=Path, default=Path("fuzz-faults"), help="for faulty inputs")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    return parser.parse_args()


class Watch:
    """Gives one input after the other to a target, and keeps what leads to a new fault."""

    def __init__(self, name: str, runs: int, keep: Path) -> None:
        from fuzz_targets import SrmError, clean_up, list_targets

        self.name, self.runs, self.keep = name, runs, keep
        self.target, self.seeds = list_targets()[name]
        self.expected, self.clean_up = SrmError, clean_up
        self.faults: dict[str, int] = {}
        self.done, self.slowest, self.started = 0, 0.0, time.monotonic()

    def give(self, content: bytes) -> None:
        """One input; anything but SrmError is noted. The last one ends the process."""
        started = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            self.target(content)
        except self.expected:
            pass
        except BaseException as error:
            self._note(error, content)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.slowest = max(self.slowest, time.monotonic() - started)
        self.done += 1
        if self.done >= self.runs:
            self._end()

    def _note(self, error: BaseException, content: bytes) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [each for each in frames if "srmlib" in each.filename] or frames
        place = f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
        if place not in self.faults:
            self.keep.mkdir(exist_ok=True)
            file = self.keep / f"{self.name}-{hashlib.sha256(content).hexdigest()[:12]}"
            file.write_bytes(content)
            print(f"{self.name}: {place}: {str(error)[:200]!r}, by {file}", flush=True)
        self.faults[place] = self.faults.get(place, 0) + 1

    def _end(self) -> NoReturn:
        import os

        took = time.monotonic() - self.started
        print(
            f"{self.name:18} {self.done:8,} inputs {took:6.0f} s, slowest {self.slowest:5.2f} s, "
            f"faults in {len(self.faults)} places", flush=True,
        )  # fmt: skip
        self.clean_up()
        os._exit(bool(self.faults))


def run_target(name: str, runs: int, keep: Path, seed: int) -> NoReturn:
    """Fuzz one target in this process, which ends with it."""
    try:
        atheris: Any = import_module("atheris")
    except ImportError:
        sys.exit("atheris is missing; run `pip install atheris` (Linux)")
    with atheris.instrument_imports(include=["srmlib", "hcl2"]):
        watch = Watch(name, runs, keep)
    with TemporaryDirectory() as corpus:
        for number, seed_input in enumerate(watch.seeds()):
            (Path(corpus) / str(number)).write_bytes(seed_input)
        arguments = [sys.argv[0], corpus, f"-max_len={LENGTH}", f"-rss_limit_mb={MEMORY}",
                     f"-seed={seed}", "-timeout=0", "-print_final_stats=0", "-verbosity=0"]  # fmt: skip
        atheris.Setup(arguments, watch.give)
        signal.signal(signal.SIGALRM, _stop)
        atheris.Fuzz()
    sys.exit("libFuzzer ended before its time")


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"over {SECONDS} s")


if __name__ == "__main__":
    main()
