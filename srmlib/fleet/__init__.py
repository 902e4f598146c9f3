"""What an organisation of many accounts owes: tables and Config snapshots counted, then held
against the matrix.

Rows are counted by one Ibis expression where they lie (DuckDB by default; Spark, Athena or Trino by
connection); every answer is an Ibis expression over these counts.
"""

from srmlib.fleet.fleets import Fleet, FleetAnswer
from srmlib.fleet.reading import read_fleet, read_readable_fleet

__all__ = ["Fleet", "FleetAnswer", "read_fleet", "read_readable_fleet"]
