"""What can be asked: the operation, the one IAM action that allows it, and what is kept of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from srmlib.errors import SrmError

Resource = dict[str, str]

# Nothing but these four is asked for: https://docs.aws.amazon.com/config/latest/developerguide/query-components.html
QUERY = "SELECT accountId, awsRegion, resourceType, resourceId"
CONFIG_PAGE = 100  # the most that Config gives
# With 1,000, the most, ListResources gives no token for the next page:
# https://docs.aws.amazon.com/resource-explorer/latest/apireference/API_ListResources.html
EXPLORER_PAGE = 500


@dataclass(frozen=True)
class Source:
    """One way to ask; `columns` are the names in the file, account, Region and type first."""

    name: str
    client: str
    operation: str
    action: str
    arguments: Mapping[str, Any]
    key: str
    columns: tuple[str, ...]
    read_page: Callable[[Mapping[str, Any]], list[Resource]]


class ConfigRow(msgspec.Struct, rename="camel"):
    """One answer to the query; Config leaves out what a resource does not have."""

    resource_type: str
    resource_id: str
    account_id: str = ""
    aws_region: str = ""


# As `aws configservice list-aggregate-discovered-resources` and `aws resource-explorer-2
# list-resources` print them, so that one reader serves both.
CONFIG_COLUMNS = ("SourceAccountId", "SourceRegion", "ResourceType", "ResourceId")
EXPLORER_COLUMNS = ("OwningAccountId", "Region", "ResourceType", "Service", "Arn")


def choose_source(
    aggregator: str | None, config: bool, resource_explorer: bool | str | None
) -> Source:
    """The source that is asked for; none, or more than one, raises SrmError."""
    if sum((aggregator is not None, config, resource_explorer not in (None, False))) != 1:
        raise SrmError(
            "collect takes one source: an AWS Config aggregator, AWS Config of one account, or "
            "Resource Explorer"
        )
    if aggregator is not None:
        return _ask_config(
            "select_aggregate_resource_config", "config:SelectAggregateResourceConfig",
            {"ConfigurationAggregatorName": aggregator},
        )  # fmt: skip
    if config:
        return _ask_config("select_resource_config", "config:SelectResourceConfig", {})
    return _ask_explorer(resource_explorer if isinstance(resource_explorer, str) else "")


def _ask_config(operation: str, action: str, arguments: Mapping[str, Any]) -> Source:
    return Source(
        name="AWS Config",
        client="config",
        operation=operation,
        action=action,
        arguments={"Expression": QUERY, "Limit": CONFIG_PAGE, **arguments},
        key="ResourceIdentifiers",
        columns=CONFIG_COLUMNS,
        read_page=_read_config,
    )


def _ask_explorer(view: str) -> Source:
    """Search would end at 1,000 resources; ListResources does not, and Search's action allows it."""
    return Source(
        name="Resource Explorer",
        client="resource-explorer-2",
        operation="list_resources",
        action="resource-explorer-2:Search",
        arguments={"MaxResults": EXPLORER_PAGE} | ({"ViewArn": view} if view else {}),
        key="Resources",
        columns=EXPLORER_COLUMNS,
        read_page=_read_explorer,
    )


def _read_config(answer: Mapping[str, Any]) -> list[Resource]:
    try:
        rows = [msgspec.json.decode(each, type=ConfigRow) for each in answer.get("Results", ())]
    except msgspec.MsgspecError:
        raise SrmError(
            "AWS Config: the answer has no type and id in it; tell srmlib's maintainers"
        ) from None
    return [
        dict(
            zip(
                CONFIG_COLUMNS,
                (each.account_id, each.aws_region, each.resource_type, each.resource_id),
                strict=True,
            )
        )
        for each in rows
    ]


def _read_explorer(answer: Mapping[str, Any]) -> list[Resource]:
    """Properties hold tags where a view includes them: they are dropped here."""
    return [
        {column: str(each.get(column, "")) for column in EXPLORER_COLUMNS}
        for each in answer.get("Resources", ())
    ]
