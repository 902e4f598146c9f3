"""A workload's files -> Inventory: resource types and counts, each with its service.

`files.py` finds the format and reads; one module a format knows its form.
"""

from srmlib.inventory.files import (
    INVENTORY_COLUMNS,
    Inventory,
    ResourceCount,
    Unmapped,
    list_inventory,
    read_inventory,
    read_paths,
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
