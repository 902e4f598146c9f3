"""One module a format, each with render(what, edition). Exporters never import each other.

`files.write` picks the module by the file's ending. Files are written whole or not at all. Nothing
is imported here, so that a command that prints a table does not wait for every exporter.
"""
