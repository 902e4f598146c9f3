// Draws the charts of a page, and opens it to keyboards and screen readers. plotly.js lies beside this file and is fetched only where there is one.
const here = document.currentScript.src;

function draw(box) {
  const { data, layout } = JSON.parse(box.querySelector("script").textContent);
  const sheet = document.createElement("div");
  box.append(sheet);
  Plotly.newPlot(sheet, data, { ...layout, autosize: true }, { responsive: true, displayModeBar: false });
  reach(box);
}

// What scrolls sideways has to be reached by a keyboard, too.
function reach(box) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}

document.addEventListener("DOMContentLoaded", () => {
  // Sphinx calls captions of a list headings and does not say of which level.
  document.querySelectorAll(".caption[role=heading]").forEach((each) => (each.ariaLevel = "2"));
  document.querySelectorAll("pre, .cell_output .output").forEach(reach);
  document.querySelectorAll(".srm-table").forEach((each) => each.addEventListener("toggle", () => reach(each.lastElementChild)));
  const charts = document.querySelectorAll(".srm-chart");
  if (!charts.length) return;
  const plotly = document.createElement("script");
  plotly.src = new URL("plotly.min.js", here);
  plotly.onload = () => charts.forEach(draw);
  document.head.append(plotly);
});
