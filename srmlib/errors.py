"""What a user may see as one line."""

from __future__ import annotations


class SrmError(Exception):
    """Something a user can mend: the message says what is wrong and what to do, in one line."""
