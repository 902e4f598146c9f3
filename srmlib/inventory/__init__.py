"""A workload's files -> Inventory: resource types and counts, each with its service.

`files.py` finds the format and reads; one module a format knows its form; `holdings.py` gives each
type its service, by the catalogue's `words.py` and `ways.py`.
"""

from srmlib.inventory.files import read_inventory, read_paths
from srmlib.inventory.holdings import (
    INVENTORY_COLUMNS,
    Inventory,
    ResourceCount,
    Unmapped,
    list_inventory,
)

__all__ = [
    "INVENTORY_COLUMNS",
    "Inventory",
    "ResourceCount",
    "Unmapped",
    "list_inventory",
    "read_inventory",
    "read_paths",
]
