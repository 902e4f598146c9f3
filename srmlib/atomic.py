"""Files are written whole or not at all: what was there before is never lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from srmlib.errors import SrmError


def replace_file(target: Path, content: bytes | Iterable[bytes]) -> Path:
    """Put the content, or its pieces, in place in one step: a reader sees the old file or the new one."""
    try:
        handle, part = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise SrmError(
            f"{target.name}: cannot be written: {error.strerror}; choose another folder"
        ) from None
    try:
        with os.fdopen(handle, "wb") as out:
            out.writelines([content] if isinstance(content, bytes) else content)
            out.flush()
            os.fsync(out.fileno())
        Path(part).chmod(_mode_for(target))
        Path(part).replace(target)
    except OSError as error:
        Path(part).unlink(missing_ok=True)
        raise SrmError(
            f"{target.name}: cannot be written: {error.strerror}; the old file is kept"
        ) from None
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
    return target


def _mode_for(target: Path) -> int:
    """The mode of the file that is replaced, else what a new file would get."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
