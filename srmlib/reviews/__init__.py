"""Who owns what in a workload: its files held against the matrix, with what people decided."""

from srmlib.reviews.reading import review, review_readable
from srmlib.reviews.reviews import (
    SETTING_COLUMNS,
    WEIGHED_COLUMNS,
    Review,
    count_fates,
    count_resources,
)

__all__ = [
    "SETTING_COLUMNS",
    "WEIGHED_COLUMNS",
    "Review",
    "count_fates",
    "count_resources",
    "review",
    "review_readable",
]
