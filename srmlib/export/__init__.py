"""One module a format: write_<format>(what, path) -> path. Exporters never import each other.

`write` picks the module by the file's ending. Files are written whole or not at all.
"""

from srmlib.export.files import write, write_all

__all__ = ["write", "write_all"]
