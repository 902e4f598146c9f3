"""Voila narrowed to one page: loopback, a token, its own files, and nothing from elsewhere."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import webbrowser
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar

from jupyter_server.auth.identity import IdentityProvider
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from traitlets import default
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.static_file_handler import AllowListFileHandler
from voila.tornado.handler import TornadoVoilaHandler

from srmlib.errors import SrmError

PAGE = Path(__file__).parent / "page"
# The browser itself refuses what a widget would ask of another machine; JupyterLab's widgets need
# eval and inline styles. Links lead elsewhere: to follow one is the reader's own doing.
POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "connect-src 'self' ws://localhost:* ws://127.0.0.1:* data: blob:; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
WIDGETS = ["@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget"]
NO_TOKEN = "Open the address with its token, as `srmlib dashboard` printed it"  # noqa: S105


class TokenOnly(IdentityProvider):
    """No form to log in by, and a token is no excuse for a foreign origin."""

    login_available = logout_available = False

    def should_check_origin(self, handler: Any) -> bool:
        return True


class Page(TornadoVoilaHandler):  # type: ignore[misc]
    """The one page. Who has no token is refused instead of asked, other paths lead nowhere."""

    async def prepare(self) -> None:
        await super().prepare()
        if not self.check_origin():
            raise HTTPError(403, "This request comes from another page")

    def get_login_url(self) -> str:
        raise HTTPError(403, NO_TOKEN)

    def redirect_to_file(self, path: str) -> None:
        raise HTTPError(404)


class Farewell(VoilaShutdownKernelHandler):  # type: ignore[misc]
    """Ends the kernel of a page that is left: its beacon bears an origin, but no XSRF token."""

    def check_xsrf_cookie(self) -> None:
        """The origin, which every request of this handler is asked for, does in its place."""


class Dashboard(Voila):  # type: ignore[misc]
    """Voila with the explorer's page; options of the command line come after these defaults."""

    # A voila.py in the folder where somebody stands is code that nobody asked for.
    config_file_paths: ClassVar[list[str]] = []
    notebook_path = str(PAGE / "dashboard.ipynb")

    @default("token")
    def _make_token(self) -> str:
        return secrets.token_hex(24)

    @default("identity_provider_class")
    def _take_the_token_only(self) -> type[IdentityProvider]:
        return TokenOnly

    @default("log_level")
    def _be_quiet(self) -> int:
        return logging.ERROR

    @default("tornado_settings")
    def _narrow_requests(self) -> dict[str, Any]:
        """A Host that is not this machine's is refused, too: a name may be made to point here."""
        return {
            "allow_remote_access": False,
            "headers": {"Content-Security-Policy": POLICY},
            # What a reader uploads comes in one message; tornado would hang up at 10 MiB.
            "websocket_max_message_size": 256 * 2**20,
            "ws_ping_timeout": 30_000,  # jupyter_server's own is longer than tornado takes.
        }

    def initialize(self, argv: list[str] | None = None) -> None:
        page = self.config.VoilaConfiguration
        page.theme, page.strip_sources, page.show_tracebacks = "light", True, False
        page.allow_template_override = page.allow_theme_override = "NO"
        page.file_allowlist, page.extension_allowlist = [], WIDGETS
        # A kernel whose reader lost the connection ends; a page that is open keeps its own.
        self.config.MappingKernelManager.cull_interval = 60
        self.config.MappingKernelManager.cull_idle_timeout = 600
        if os.name == "posix":  # Other users of the machine cannot reach a kernel by its ports.
            self.config.KernelManager.transport = "ipc"
        try:
            super().initialize(argv)
        except ValueError as error:  # Voila's own word on what is no option.
            raise SrmError(f"dashboard: {error}") from error
        self._refuse_reach()

    def exit(self, exit_status: int | str | None = 0) -> None:
        super().exit(2 if exit_status else 0)  # srmlib's own code for what it cannot use.

    def _refuse_reach(self) -> None:
        if self.extra_args:
            raise SrmError(f"dashboard takes options of Voila only, not {self.extra_args[0]!r}")
        if self.ip != "localhost" and not _is_loopback(self.ip):
            raise SrmError(
                f"dashboard listens on this machine only, not on {self.ip}; to show it to others, "
                "put a proxy with TLS and a login before it"
            )
        if not self.token:
            raise SrmError("dashboard keeps its token; leave --token out, or give it one")

    def setup_template_dirs(self) -> None:
        super().setup_template_dirs()
        self.template_paths.insert(0, str(PAGE))

    def init_settings(self) -> dict[str, Any]:
        """Error pages of kernels are ours, too: the server's own want files that are not served."""
        settings: dict[str, Any] = super().init_settings()
        return settings | {"jinja2_env": settings["voila_jinja2_env"]}

    def init_handlers(self) -> list[Any]:
        """Voila's own, without files of the folder."""
        ours = {TornadoVoilaHandler: Page, VoilaShutdownKernelHandler: Farewell}
        return [
            (path, ours.get(handler, handler), *settings)
            for path, handler, *settings in super().init_handlers()
            if handler is not AllowListFileHandler
        ]

    @property
    def display_url(self) -> str:
        return f"{self.connection_url}?token={self.token}"

    def listen(self) -> None:
        IOLoop.current().add_callback(self._tell)  # Once it runs, the port is known.
        super().listen()

    def _tell(self) -> None:
        print(f"The dashboard is at {self.display_url}\nCtrl+C ends it.", flush=True)

    def launch_browser(self) -> threading.Thread | None:
        """Open the page with its token, by a file: a command line is for all to read."""
        page = Path(self.connection_dir) / "open.html"
        page.write_text(
            f'<meta http-equiv="refresh" content="0;url={self.display_url}">', encoding="utf-8"
        )
        try:
            browser = webbrowser.get(self.browser or None)
        except webbrowser.Error:
            return None  # The address is printed.
        opening = threading.Thread(target=browser.open, args=[page.as_uri()], daemon=True)
        opening.start()
        return opening


class QuizDashboard(Dashboard):
    """The same server with the quiz as its page."""

    notebook_path = str(PAGE / "quiz.ipynb")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
