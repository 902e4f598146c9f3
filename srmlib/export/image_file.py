"""Pictures of figures at the shape of a slide, drawn by a Chrome or Chromium through kaleido."""

from __future__ import annotations

import asyncio
import html
import re
import zlib
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import Thread
from typing import Any

from srmlib.errors import SrmError
from srmlib.figures import comparison_chart, controls_chart, fleet_chart, heatmap, teams_chart
from srmlib.figures.alternatives import tell_figure
from srmlib.fleet import Fleet
from srmlib.frameworks import ControlMatrix
from srmlib.matrix import Matrix
from srmlib.reviews import Review
from srmlib.shift import Comparison
from srmlib.teams import TeamSplit

SLIDE_WIDTH, SLIDE_SHAPE, SCALE = 1280, 16 / 9, 2
# A taller figure on a slide would be too small to read; it is a page, and a browser draws no page
# beyond some 16,000 pixels.
TALLEST_SLIDE, TALLEST_SHARP = 1200, 7000
STARTS = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF"}
NO_BROWSER = (
    "a picture needs Chrome or Chromium, and none was found: install one (Debian and Ubuntu: apt "
    "install chromium) or set BROWSER_PATH; .pptx, .xlsx and .html need none"
)
NO_KALEIDO = (
    "a picture needs kaleido; run `pip install 'srmlib[images]'`; .pptx and .html need none"
)

NO_PICTURE = (
    "the browser ended or drew no picture; make room for temporary files, or set BROWSER_PATH to "
    "another one; .pptx, .xlsx and .html need none"
)
Draw = Callable[[dict[str, Any], dict[str, Any]], bytes]
BROWSER: ContextVar[Draw] = ContextVar("BROWSER")


@contextmanager
def keep_browser() -> Iterator[None]:
    """One browser for all pictures of a batch: to start it takes ten times as long as a picture."""
    try:
        import kaleido
    except ImportError:
        raise SrmError(NO_KALEIDO) from None
    _find_browser()
    # kaleido's own server waits for ever where its browser does not start.
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        browser = _await(loop, _open_browser(kaleido.Kaleido))
        before = BROWSER.set(lambda spec, opts: _await(loop, browser.calc_fig(spec, opts=opts)))
        try:
            yield
        finally:
            BROWSER.reset(before)
            _await(loop, browser.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _open_browser(kind: Callable[..., Any]) -> Any:
    browser = kind(mathjax=False)  # Which is fetched from the network, and no text here needs it.
    await browser.open()
    return browser


def _await(loop: asyncio.AbstractEventLoop, asked: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run_coroutine_threadsafe(asked, loop).result()
    except Exception:  # Whatever ends a browser, or keeps it from its temporary files.
        raise SrmError(NO_PICTURE) from None


def render(what: Any, form: str) -> bytes:
    """A figure, or the heatmap of a matrix, a review or a comparison, drawn by the browser that is kept."""
    figure = _draw(what)
    height = figure.layout.height or SLIDE_WIDTH / SLIDE_SHAPE
    size = _choose_size(height)
    spec = _stretch(figure.to_dict(), height, size["height"])
    content = BROWSER.get()(spec, {"format": form, **size})
    if not content.startswith(STARTS[form]):
        raise SrmError("the browser drew no picture; select fewer services, or write .html")
    settled = SETTLE.get(form, bytes)(content)
    return _name_svg(settled, figure) if form == "svg" else settled


def _name_svg(content: bytes, figure: Any) -> bytes:
    """A screen reader reads an image's title and description; plotly's own are text among text."""
    other = tell_figure(figure.to_dict())
    told = {"title": other.title or "Chart", "desc": other.told}
    told = {tag: html.escape(text) for tag, text in told.items() if text}
    # A page may hold several pictures, and an id only once.
    ids = {tag: f"{tag}-{zlib.crc32(text.encode()):08x}" for tag, text in told.items()}
    head = f'<svg role="img" aria-labelledby="{" ".join(ids.values())}" '
    text = content.decode().replace("<svg ", head, 1)
    first = text.index(">") + 1
    parts = "".join(f'<{tag} id="{ids[tag]}">{told[tag]}</{tag}>' for tag in told)
    return f"{text[:first]}{parts}{text[first:]}".encode()


def _choose_size(height: float) -> dict[str, int]:
    """The shape of a slide, as wide as the figure's height asks for; a tall figure is a page."""
    if height > TALLEST_SLIDE:
        scale = SCALE if height <= TALLEST_SHARP else 1
        return {"width": SLIDE_WIDTH, "height": round(height), "scale": scale}
    width = max(SLIDE_WIDTH, round(height * SLIDE_SHAPE))
    return {"width": width, "height": round(width / SLIDE_SHAPE), "scale": SCALE}


def _stretch(spec: dict[str, Any], height: float, new: float) -> dict[str, Any]:
    """Keep title and legend at their distance from the upper edge, which plotly takes as a share."""
    for part in (spec["layout"].get("title"), spec["layout"].get("legend")):
        if part and part.get("yref") == "container":
            part["y"] = 1 - (1 - part["y"]) * height / new
    return spec


def _draw(what: Any) -> Any:
    if isinstance(what, Comparison):
        return comparison_chart(what)
    if isinstance(what, Matrix | Review):
        return heatmap(what)
    if isinstance(what, ControlMatrix):
        return controls_chart(what)
    if isinstance(what, TeamSplit):
        return teams_chart(what)
    if isinstance(what, Fleet):
        return fleet_chart(what)
    if hasattr(what, "to_image"):
        return what
    raise SrmError(f"{type(what).__name__} has no picture; give a figure, a matrix or a review")


def _find_browser() -> None:
    """kaleido looks in the same places, but fails with a page of text where there is nothing."""
    from choreographer.browsers.chromium import Chromium

    found = Chromium.find_browser(skip_local=False)
    if not found or not Path(found).is_file():
        raise SrmError(NO_BROWSER)


def _settle_svg(content: bytes) -> bytes:
    """plotly gives each drawing and trace a random id; a counted one does as well."""
    text = content.decode()
    found = re.findall(r'(?:<defs id="(?:top)?defs-|class="trace \w+ trace)([0-9a-f]{6})"', text)
    for number, id in enumerate(dict.fromkeys(found)):
        text = re.sub(rf"(?<=[a-z-]){id}", f"{number:06x}", text)
    return text.encode()


def _settle_pdf(content: bytes) -> bytes:
    """The day of drawing, in the same length, so that no place in the file moves."""
    return re.sub(rb"/(CreationDate|ModDate) \(D:\d{14}", rb"/\g<1> (D:20000101000000", content)


SETTLE = {"svg": _settle_svg, "pdf": _settle_pdf}
