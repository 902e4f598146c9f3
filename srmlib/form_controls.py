"""The explorer's controls and their look, in JupyterLab's own colours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import anywidget
import ipywidgets as widgets

from srmlib.figures.marks import escape

# Labels, ticks and titles take JupyterLab's own colours, in its light and its dark theme.
STYLE = """<style>
.srm-explorer .xtick text, .srm-explorer .ytick text, .srm-explorer .gtitle,
.srm-explorer .legendtext, .srm-explorer .annotation-text {
  fill: var(--jp-ui-font-color1, #22303c) !important; }
.srm-explorer .widget-checkbox { width: 14em; margin: 0 4px 0 0; }
.srm-explorer .jupyter-button.mod-active {
  background: var(--jp-brand-color1, #1a5fb4); color: var(--jp-ui-inverse-font-color1, #fff);
  box-shadow: none; }
.srm-explorer .srm-details, .srm-explorer .srm-told {
  color: var(--jp-ui-font-color1, #22303c); line-height: 1.4; overflow-wrap: anywhere; }
.srm-explorer .srm-told { border-left: 3px solid var(--jp-success-color1, #2e7d32);
  margin: 4px 0; padding: 0 0 0 8px; }
.srm-explorer .srm-fault { border-color: var(--jp-error-color1, #b3261e); }
.srm-explorer .srm-told code { display: inline-block; max-width: 100%; padding: 0;
  background: none; color: inherit; }
.srm-explorer .srm-table { max-height: 480px; overflow: auto; color: var(--jp-ui-font-color1, #22303c); }
.srm-explorer .srm-table :is(th, td) { padding: 2px 10px 2px 0; text-align: left; }
.srm-explorer .srm-table caption { text-align: left; font-weight: 600; }
.srm-explorer textarea { font-family: inherit; font-size: inherit; }
.srm-explorer .srm-details h4 { margin: 0 0 6px 0; }
.srm-explorer .srm-details p { margin: 0 0 6px 0; }
.srm-explorer .srm-details a { color: var(--jp-content-link-color, #1a5fb4); }
</style>"""


def tell(text: str, kind: str = "srm-done") -> str:
    """A line as it stands; what is in backticks, to type or to copy, is not broken."""
    told = re.sub("`([^`]*)`", r"<code>\1</code>", escape(text))
    return f'<div class="srm-told {kind}" role="status">{told}</div>'


class ListKeys(anywidget.AnyWidget):
    """Gives arrows and letters to the list that has the focus; JupyterLab would move on to a cell.

    With the first focus a screen reader also learns what the picture is, and which parts tell news.
    """

    _esm = """
    const picture = "Heatmap. The lists Service and Layer tell its cells one by one.";
    const release = ({ target }) => {
      if (target.matches?.(".srm-explorer select")) target.dataset.lmSuppressShortcuts = "true";
      const view = target.closest?.(".srm-explorer");
      view?.querySelectorAll(".srm-live").forEach((each) => each.setAttribute("aria-live", "polite"));
      view?.querySelectorAll(".js-plotly-plot").forEach((each) => {
        each.setAttribute("role", "img"); each.setAttribute("aria-label", picture);
      });
    };
    export default { render() { document.addEventListener("focusin", release); } };
    """


def make_toggle(name: str, value: bool = False) -> widgets.ToggleButton:
    layout = widgets.Layout(width="auto", height="28px")
    return widgets.ToggleButton(description=name, value=value, layout=layout)


def make_button(name: str) -> widgets.Button:
    return widgets.Button(description=name, layout={"width": "auto", "height": "28px"})


def make_toggles(names: dict[str, str]) -> dict[str, widgets.ToggleButton]:
    return {id: make_toggle(name, value=True) for id, name in names.items()}


def make_checks(names: dict[str, str]) -> dict[str, widgets.Checkbox]:
    return {
        id: widgets.Checkbox(value=True, description=name, indent=False)
        for id, name in names.items()
    }


def make_choice(name: str, options: dict[str, Any]) -> widgets.Dropdown:
    return widgets.Dropdown(options=list(options.items()), description=name, **_look())


def make_line(name: str, hint: str, value: str = "", *, is_followed: bool = False) -> widgets.Text:
    """A line of text, told to Python letter by letter only where something follows it as it grows.

    Told by the letter, the last ones may come after the press of the button that uses them.
    """
    return widgets.Text(
        value=value, description=name, placeholder=hint, continuous_update=is_followed, **_look()
    )


def make_text(name: str, rows: int, hint: str) -> widgets.Textarea:
    """Several lines, told to Python when they are left."""
    return widgets.Textarea(
        description=name, placeholder=hint, rows=rows, continuous_update=False, **_look()
    )


def _look() -> dict[str, Any]:
    """Beside a short label, as wide as the pane."""
    return {"layout": widgets.Layout(width="96%"), "style": {"description_width": "52px"}}


def fold(button: widgets.ToggleButton, box: widgets.Box) -> widgets.Box:
    """A list that a button unfolds: unlike an accordion's title, the keyboard reaches a button."""

    def unfold(_: object = None) -> None:
        box.layout.display = "flex" if button.value else "none"

    button.observe(unfold, "value")
    unfold()
    return box


def wrap(children: Iterable[widgets.Widget]) -> widgets.Box:
    layout = widgets.Layout(
        display="flex", flex_flow="row wrap", max_height="220px", overflow="auto"
    )
    return widgets.Box(list(children), layout=layout)
