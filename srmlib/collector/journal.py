"""The pages of a run so far, beside the file they are for: a run that was cut off goes on there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from srmlib.atomic import replace_file
from srmlib.collector.sources import Resource
from srmlib.errors import SrmError


class Page(msgspec.Struct):
    """The resources of one answer, and the token for the next; without a token it is the last."""

    resources: list[Resource]
    token: str | None = None


class Journal:
    """Pages as JSON lines below the question they answer; what is half written does not count."""

    def __init__(self, path: Path, question: Mapping[str, Any]) -> None:
        """Open what an earlier run left; of another question raises SrmError."""
        self.path = path
        self.question = msgspec.json.encode(question)
        self.forget()
        if path.exists():
            self._open()
        self.resumed = self.pages > 0

    @property
    def complete(self) -> bool:
        """Whether the last page is there."""
        return self.pages > 0 and self.token is None

    def append(self, page: Page) -> None:
        """Keep a page on disk before the next one is asked for."""
        if not self.pages:
            replace_file(self.path, self.question + b"\n")
        try:
            with self.path.open("ab") as out:
                out.write(msgspec.json.encode(page) + b"\n")
        except OSError as error:
            raise SrmError(
                f"{self.path.name}: cannot be written: {error.strerror}; mend that and give the "
                "same command again"
            ) from None
        self._count(page)
        self.resumed = False

    def forget(self) -> None:
        """Begin anew; the file is replaced with the first page."""
        self.pages, self.resources = 0, 0
        self.token: str | None = None
        self.resumed = False

    def read_pages(self) -> Iterator[Page]:
        """One page after the other, never all of them at once."""
        with self.path.open("rb") as lines:
            next(lines)
            for line in lines:
                yield msgspec.json.decode(line, type=Page)

    def remove(self) -> None:
        """The file is written: nothing is left to go on with."""
        self.path.unlink(missing_ok=True)

    def _open(self) -> None:
        try:
            self._drop_half_line()
            with self.path.open("rb") as lines:
                same = next(lines, b"").rstrip(b"\n") == self.question
            if same:
                for page in self.read_pages():
                    self._count(page)
        except OSError as error:
            raise SrmError(
                f"{self.path.name}: cannot be read: {error.strerror}; delete it"
            ) from None
        except msgspec.MsgspecError:
            raise SrmError(f"{self.path.name}: is damaged; delete it to begin anew") from None
        if not same:
            raise SrmError(
                f"{self.path.name}: belongs to a run with other options that was cut off; finish "
                "that one, or delete the file"
            )

    def _drop_half_line(self) -> None:
        """A run that was killed may have written a part of its last page."""
        with self.path.open("rb+") as file:
            whole = 0
            for line in file:
                whole += len(line) if line.endswith(b"\n") else 0
            file.truncate(whole)

    def _count(self, page: Page) -> None:
        self.pages += 1
        self.resources += len(page.resources)
        self.token = page.token
