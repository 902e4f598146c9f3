"""A server on loopback that answers the three operations of `srmlib collect` as AWS documents them.

Config speaks JSON 1.1 (the operation in X-Amz-Target), Resource Explorer REST (in the path). Tokens
belong to one list: `forget_tokens` makes those given so far unknown, as time does at AWS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

AGGREGATORS = {"organisation"}
VIEWS = {None, "arn:aws:resource-explorer-2:eu-west-1:111111111111:view/all/1"}
MOST = {"Limit": 100, "MaxResults": 1000}

Answer = tuple[int, dict[str, Any]]


class AwsServer(ThreadingHTTPServer):
    """Holds resources as AWS holds them, tags and all; `asked` lists operation and body."""

    daemon_threads = True

    def __init__(self, resources: list[dict[str, Any]], page: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.resources, self.page = resources, page
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.signed_for: set[str] = set()
        self.throttled = 0  # this many calls first
        self.refused: Answer | None = None
        self.pages_left: int | None = None  # after these, connections are cut
        self.list_id = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def forget_tokens(self) -> None:
        self.list_id += 1

    def answer(self, operation: str, body: dict[str, Any]) -> Answer | None:
        if self.throttled:
            self.throttled -= 1
            return 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}
        if self.refused:
            return self.refused
        if self.pages_left is not None:
            if not self.pages_left:
                return None
            self.pages_left -= 1
        if operation == "SelectAggregateResourceConfig":
            if body["ConfigurationAggregatorName"] not in AGGREGATORS:
                return 400, {"__type": "NoSuchConfigurationAggregatorException"}
        elif operation == "ListResources":
            if body.get("ViewArn") not in VIEWS:
                return 404, {"__type": "ResourceNotFoundException"}
            return self.list_page(body, "MaxResults", "Resources", "ValidationException", dict)
        elif operation != "SelectResourceConfig":
            return 400, {"__type": "InvalidAction"}
        named = re.fullmatch(r"SELECT (\w+(?:, \w+)*)", body["Expression"])
        if not named:
            return 400, {"__type": "InvalidExpressionException"}
        fields = named[1].split(", ")
        return self.list_page(
            body, "Limit", "Results", "InvalidNextTokenException",
            lambda each: json.dumps({name: each[name] for name in fields if name in each}),
        )  # fmt: skip

    def list_page(
        self, body: dict[str, Any], limit: str, key: str, fault: str, show: Any
    ) -> Answer:
        size = body.get(limit, 25)
        if size > MOST[limit]:
            return 400, {"__type": "InvalidLimitException"}
        id, _, start = body.get("NextToken", f"{self.list_id}-0").partition("-")
        if id != str(self.list_id):
            return 400, {"__type": fault}
        end = int(start) + min(size, self.page)
        answer = {key: [show(each) for each in self.resources[int(start) : end]]}
        # ListResources documents that it gives no token with the highest MaxResults.
        if end < len(self.resources) and size != 1000:
            answer["NextToken"] = f"{id}-{end}"
        return 200, answer


class Handler(BaseHTTPRequestHandler):
    server: AwsServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or "{}")
        operation = self.headers.get("X-Amz-Target", self.path).split(".")[-1].strip("/")
        self.server.asked.append((operation, body))
        self.server.signed_for.add(self.headers["Authorization"].split("/")[3])
        answer = self.server.answer(operation, body)
        if answer is None:
            self.close_connection = True
            return
        status, content = answer
        told = json.dumps(content).encode()
        self.send_response(status)
        if "__type" in content:
            self.send_header("x-amzn-ErrorType", content["__type"])
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: Any) -> None:
        """A test's output stays quiet."""


@contextmanager
def serve_aws(resources: list[dict[str, Any]], page: int) -> Iterator[AwsServer]:
    """A server for the length of a test."""
    server = AwsServer(resources, page)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
