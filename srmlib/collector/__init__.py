"""An inventory file from an AWS account or organisation, with the user's own credentials, read-only.

`sources.py` knows what is asked and what is kept of the answer, `journal.py` where a run that was
cut off goes on, `session.py` how AWS is asked and what its faults mean.
"""

from srmlib.collector.collection import COLLECTION_COLUMNS, Collection, collect_inventory

__all__ = ["COLLECTION_COLUMNS", "Collection", "collect_inventory"]
