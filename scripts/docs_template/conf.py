"""How Sphinx builds the site: from stored outputs, and with nothing from the network."""

import srmlib

project = "srmlib"
html_title = "srmlib"
release = version = srmlib.__version__
copyright = "srmlib, Apache-2.0"

extensions = ["myst_nb"]
exclude_patterns = ["notebooks/workloads"]  # What notebooks read is no page.
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, object] = {}  # Widgets are shown as pictures; these come from a CDN.

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
