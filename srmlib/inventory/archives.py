"""A zip of templates, states or a cdk.out folder: unpacked for as long as it is read."""

from __future__ import annotations

import errno
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from srmlib.errors import SrmError
from srmlib.inventory.limits import LIMIT, check_ratio

MEMBERS = 20_000
DAMAGES = (
    BadZipFile,
    OSError,
    EOFError,
    NotImplementedError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
# What `terraform plan -out` writes is a zip with these inside.
PLAN = {"tfplan", "tfstate"}


def is_archive(path: Path) -> bool:
    """Whether this is a zip of files; a binary plan is a zip, too, but nobody's archive."""
    if not is_zipfile(path):
        return False
    try:
        with ZipFile(path) as archive:
            return not PLAN & set(archive.namelist())
    except DAMAGES:
        return False


@contextmanager
def unpack_archive(path: Path) -> Iterator[Path]:
    """A folder with the archive's files; SrmError where it is damaged, locked or far too large."""
    with TemporaryDirectory() as place:
        folder = Path(place, path.stem)  # A folder of source is told by its name.
        folder.mkdir()
        try:
            with ZipFile(path) as archive:
                for member in _list_members(archive):
                    archive.extract(member, folder)
        except DAMAGES as error:
            if getattr(error, "errno", None) in NO_ROOM:
                raise SrmError("cannot be unpacked: make room for temporary files") from None
            raise SrmError("is a damaged zip archive; make it again") from None
        except RuntimeError:
            raise SrmError(
                "is a zip archive with a password; unpack it and give the folder"
            ) from None
        yield folder


def _list_members(archive: ZipFile) -> list[ZipInfo]:
    """What the archive says it holds is the most that is written of each member."""
    members = archive.infolist()
    size = sum(each.file_size for each in members)
    if len(members) > MEMBERS or size > LIMIT:
        raise SrmError("unpacks to over 1 GiB or 20,000 files; unpack it and give a part of it")
    check_ratio(size, sum(each.compress_size for each in members))
    return members
