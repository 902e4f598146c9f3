"""What is wrong in a data folder or an overlay: every problem at once, each with its mend.

`folder.py` reads and knows the words that are allowed; `tables.py`, `cells.py` and `lists.py` hold
each file against them and against its form (`forms.py`); `upkeep.py` finds what grows old.
"""

from srmlib.check.folder import Problem
from srmlib.check.problems import find_problems

COLUMNS = Problem._fields
__all__ = ["COLUMNS", "find_problems"]
