"""Who owns what on AWS: the shared responsibility model per service and per layer, with sources.

Every name is loaded when it is first used, so that importing srmlib costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srmlib.catalogue import load_catalogue
    from srmlib.collector import Collection, collect_inventory
    from srmlib.errors import SrmError
    from srmlib.explorer import Explorer, explore
    from srmlib.export.files import write, write_all, write_oscal
    from srmlib.figures import (
        comparison_chart,
        controls_chart,
        fleet_chart,
        heatmap,
        misconceptions_chart,
        owners_chart,
        service_card,
        teams_chart,
        what_if_chart,
    )
    from srmlib.fleet import Fleet, read_fleet
    from srmlib.frameworks import answer_controls
    from srmlib.inventory import Inventory, read_inventory
    from srmlib.lessons import Quiz, quiz
    from srmlib.matrix import Matrix, load_matrix
    from srmlib.reviews import Review, review
    from srmlib.rooms import Misconceptions, find_misconceptions
    from srmlib.shift import Comparison, compare, compare_ladder, count_owners
    from srmlib.teams import split_work
    from srmlib.workload_diffs import compare_workloads

__version__ = "0.1.0"

_HOMES = {
    "Collection": "collector",
    "Comparison": "shift",
    "Explorer": "explorer",
    "Fleet": "fleet",
    "Inventory": "inventory",
    "Matrix": "matrix",
    "Misconceptions": "rooms",
    "Quiz": "lessons",
    "Review": "reviews",
    "SrmError": "errors",
    "answer_controls": "frameworks",
    "collect_inventory": "collector",
    "compare": "shift",
    "compare_ladder": "shift",
    "compare_workloads": "workload_diffs",
    "comparison_chart": "figures",
    "controls_chart": "figures",
    "count_owners": "shift",
    "explore": "explorer",
    "find_misconceptions": "rooms",
    "fleet_chart": "figures",
    "heatmap": "figures",
    "load_catalogue": "catalogue",
    "load_matrix": "matrix",
    "misconceptions_chart": "figures",
    "owners_chart": "figures",
    "quiz": "lessons",
    "read_fleet": "fleet",
    "read_inventory": "inventory",
    "review": "reviews",
    "service_card": "figures",
    "split_work": "teams",
    "teams_chart": "figures",
    "what_if_chart": "figures",
    "write": "export.files",
    "write_all": "export.files",
    "write_oscal": "export.files",
}
__all__ = [
    "Collection",
    "Comparison",
    "Explorer",
    "Fleet",
    "Inventory",
    "Matrix",
    "Misconceptions",
    "Quiz",
    "Review",
    "SrmError",
    "answer_controls",
    "collect_inventory",
    "compare",
    "compare_ladder",
    "compare_workloads",
    "comparison_chart",
    "controls_chart",
    "count_owners",
    "explore",
    "find_misconceptions",
    "fleet_chart",
    "heatmap",
    "load_catalogue",
    "load_matrix",
    "misconceptions_chart",
    "owners_chart",
    "quiz",
    "read_fleet",
    "read_inventory",
    "review",
    "service_card",
    "split_work",
    "teams_chart",
    "what_if_chart",
    "write",
    "write_all",
    "write_oscal",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'srmlib' has no attribute {name!r}")
    return getattr(import_module(f"srmlib.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
