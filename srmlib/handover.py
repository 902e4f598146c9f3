"""From the kernel to the reader's own machine: text into the clipboard, a file into the downloads.

ipywidgets has neither; the page does both itself, so that it also works in a dashboard.
"""

from __future__ import annotations

from typing import Any

import anywidget

SCRIPT = """
function render({ model, el }) {
  el.setAttribute("role", "status");
  el.classList.add("srm-handover");
  const show = (text) => {
    const area = document.createElement("textarea");
    area.readOnly = true; area.rows = 6; area.value = text;
    area.setAttribute("aria-label", "The view as Markdown");
    const told = document.createElement("span");
    el.replaceChildren(told, area);
    return told;
  };
  model.on("msg:custom", async (message, buffers) => {
    if (message.kind === "clear") { el.replaceChildren(); return; }
    if (message.kind === "copy") {
      const told = show(message.text);
      try {
        await navigator.clipboard.writeText(message.text);
        told.textContent = "Copied as Markdown.";
      } catch (refused) {
        told.textContent = "The browser keeps its clipboard to itself: select the text and copy it.";
        el.querySelector("textarea").select();
      }
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([buffers[0]], { type: message.type }));
    link.download = message.name; link.textContent = message.name;
    el.replaceChildren("Saved by the browser: ", link);
    link.click();
  });
}
export default { render };
"""
TYPES = {
    "csv": "text/csv", "md": "text/markdown", "png": "image/png", "svg": "image/svg+xml",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip


class Handover(anywidget.AnyWidget):
    """An empty line of the page until something is handed over."""

    _esm = SCRIPT

    def copy(self, text: str) -> None:
        """Into the clipboard; where the browser refuses, into a field to copy from."""
        self._hand({"kind": "copy", "text": text})

    def download(self, name: str, content: bytes) -> None:
        """Into the reader's downloads, under this name."""
        type = TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        self._hand({"kind": "download", "name": name, "type": type}, [content])

    def clear(self) -> None:
        """Say nothing any more."""
        self._hand({"kind": "clear"})

    def _hand(self, message: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        self.send(message, buffers)
