"""Who is shut out of a page: axe-core asks, in the browser itself."""

from __future__ import annotations

from typing import Any


def list_faults(page: Any) -> list[str]:
    """What axe finds that shuts people out."""
    from axe_playwright_python.sync_playwright import Axe

    # It would fetch style sheets again, which a page in a file may not.
    options = {"resultTypes": ["violations", "passes"], "preload": False}
    found = Axe().run(page, options=options).response
    assert len(found["passes"]) > 10
    return [
        f"{rule['id']}: {node['html'][:160]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
