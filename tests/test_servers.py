"""`srmlib lab` and `srmlib dashboard` as they run: on loopback, with a token, for their own pages only."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
import pytest

from scripts.lab_server import find_port, wait_for
from tests.conftest import ROOT

ELSEWHERE = {"Origin": "http://elsewhere.example"}
UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip
OPEN = "c = get_config()\nc.ServerApp.ip = '0.0.0.0'\nc.ServerApp.allow_remote_access = True\nc.ServerApp.allow_origin = '*'\n"


class Answer(NamedTuple):
    """What a server answers to one bare request."""

    status: int
    headers: http.client.HTTPMessage
    text: str


class Server(NamedTuple):
    """A server that runs; `cookies` are those of a reader who opened it by its token."""

    process: int
    address: str
    token: str
    cookies: str
    kernel: str
    log: Path

    def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        return ask(self.address, path, method, **headers)

    @property
    def own(self) -> dict[str, str]:
        return {"Origin": f"http://{self.address}"}

    @property
    def reader(self) -> dict[str, str]:
        return {"Cookie": self.cookies}


def ask(address: str, path: str, method: str = "GET", **headers: str) -> Answer:
    link = http.client.HTTPConnection(address, timeout=30)
    link.request(method, path, headers=headers, body="{}" if method == "POST" else None)
    answer = link.getresponse()
    upgraded = answer.status == 101
    return Answer(
        answer.status, answer.msg, "" if upgraded else answer.read().decode(errors="replace")
    )


@pytest.fixture(scope="module", params=["lab", "dashboard"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The command in a folder of its own, with the settings of a user whose own Jupyter is wide open."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "config").mkdir()
    (folder / "config" / "jupyter_server_config.py").write_text(OPEN)
    homes = {
        f"JUPYTER_{kind.upper()}_DIR": str(folder / kind) for kind in ("config", "runtime", "data")
    }
    port = f"--{'ServerApp.' * (request.param == 'lab')}port={find_port()}"
    with (log := folder / "log").open("w") as told, subprocess.Popen(
        [sys.executable, "-m", "srmlib", request.param, "--no-browser", port], cwd=folder,
        env=os.environ | homes | {"PYTHONPATH": str(ROOT)}, stdout=told, stderr=told,
    ) as process:  # fmt: skip
        try:
            wait_for(lambda: find_address(log), 60, "no address was printed")
            yield enter(process.pid, find_address(log), log)
        finally:
            process.terminate()


def find_address(log: Path) -> str:
    found = re.search(r"http://\S+token=\w+(?=\s)", log.read_text())
    return found[0] if found else ""


def enter(process: int, url: str, log: Path) -> Server:
    """Open the address that is printed, as a reader's browser does, and see to it that a kernel runs."""
    address, token = urlsplit(url).netloc, url.partition("token=")[2]
    wait_for(lambda: listens(address), 60, "nobody listens there")
    is_lab = "/lab?" in url
    page = ask(address, f"{'/lab' if is_lab else '/'}?token={token}")
    assert page.status in (200, 302)
    cookies = "; ".join(each.split(";")[0] for each in page.headers.get_all("Set-Cookie", []))
    if is_lab:
        started = ask(address, "/api/kernels", "POST", Authorization=f"token {token}")
        kernel = json.loads(started.text)["id"]
    else:
        kernel = re.search(r'"kernelId": ?"([\w-]+)"', page.text)[1]  # type: ignore[index]
    return Server(process, address, token, cookies, kernel, log)


def listens(address: str) -> bool:
    """Whether it does already: JupyterLab tells its address a moment before."""
    host, _, port = address.rpartition(":")
    with socket.socket() as probe:
        return not probe.connect_ex((host, int(port)))


def test_nothing_listens_but_on_loopback(server: Server) -> None:
    """Neither the server nor the kernels that it started."""
    process = psutil.Process(server.process)
    ports = [
        each.laddr
        for one in (process, *process.children(recursive=True))
        for each in one.net_connections("tcp")
        if each.status == psutil.CONN_LISTEN
    ]
    assert {address.ip for address in ports} <= {"127.0.0.1", "::1"}
    assert int(server.address.rpartition(":")[2]) in {address.port for address in ports}


@pytest.mark.parametrize(
    "path",
    ["/lab", "/api/kernels", "/api/contents", "/files/01-who-owns-what.ipynb", "/voila/files/x.png",
     "/api/kernels?token=guessed", "/api/terminals", "/static/../jupyter_server_config.py"],
)  # fmt: skip
def test_who_has_no_token_gets_nothing(server: Server, path: str) -> None:
    answer = server.ask(path)
    assert answer.status in (302, 403, 404)
    if answer.status == 302:
        assert answer.headers["Location"].startswith("/login?")
    assert "cells" not in answer.text
    assert server.ask(f"/api/kernels/{server.kernel}/channels", **UPGRADE).status == 403


def test_a_reader_gets_in(server: Server) -> None:
    """Else the refusals of the other tests would prove nothing."""
    channels = f"/api/kernels/{server.kernel}/channels"
    assert server.ask(channels, **UPGRADE, **server.own, **server.reader).status == 101


def test_another_page_gets_nothing_by_a_readers_cookies(server: Server) -> None:
    channels = f"/api/kernels/{server.kernel}/channels"
    assert server.ask(channels, **UPGRADE, **ELSEWHERE, **server.reader).status == 403
    for path in ("/api/kernels", "/api/contents", "/lab", "/"):
        answer = server.ask(path, **ELSEWHERE, **server.reader)
        assert "Access-Control-Allow-Origin" not in answer.headers, path
        assert answer.status in (302, 403, 404) or "frame-ancestors" in str(answer.headers), path
    for path in ("/api/kernels", "/api/sessions", "/api/terminals", "/api/shutdown"):
        assert server.ask(path, "POST", **ELSEWHERE, **server.reader).status in (403, 404), path


def test_a_name_that_was_made_to_point_here_gets_nothing(server: Server) -> None:
    token = {"Authorization": f"token {server.token}"}
    for path in ("/", "/lab", "/api/kernels", f"/api/kernels/{server.kernel}/channels"):
        for who in (token, server.reader):
            answer = server.ask(path, Host="elsewhere.example", **who)
            leads_on = answer.status == 302 and answer.headers["Location"] == "/lab?"
            assert answer.status == 403 or leads_on, path


def test_a_post_of_the_readers_own_browser_needs_the_pages_word(server: Server) -> None:
    """The XSRF token: a form of another page is sent with cookies, and may lack an origin."""
    assert server.ask("/api/kernels", "POST", **server.reader).status in (403, 404)


def test_who_is_refused_is_no_fault_of_the_servers(server: Server) -> None:
    server.ask(f"/api/kernels/{server.kernel}/channels", **UPGRADE)
    told = server.ask("/nowhere", **server.reader).text
    assert str(ROOT) not in told
    assert sys.prefix not in told
    assert "Traceback" not in server.log.read_text()
