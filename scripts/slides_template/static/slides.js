// A slide is filled when it is first shown: only then can the room on it be measured.
const CHART_WIDTH = 1000; // charts are designed for a page of this width, in pixels
const SQUEEZE = 0.65; // rows may come this close together before the letters shrink
const STRETCH = 1.5; // bars may grow this much apart before the letters grow
const LARGEST = 1.4; // letters grow no further than this
const SMALLEST_TEXT = 0.7; // below this nobody reads it on a wall

// The size to draw a figure at, and the scale that then fits it into the box.
function measure(layout, box) {
  const margin = layout.margin ?? {};
  const edges = (margin.t ?? 100) + (margin.b ?? 80);
  const natural = layout.height ?? 450;
  const least = edges + SQUEEZE * (natural - edges);
  const scale = Math.min(box.clientHeight / least, box.clientWidth / CHART_WIDTH, LARGEST);
  const height = Math.min(box.clientHeight / scale, edges + STRETCH * (natural - edges));
  return { width: box.clientWidth / scale, height, natural, scale };
}

// What hangs on the container's top in pixels stays that far below it at another height.
function hang(part, natural, height) {
  if (part?.yref !== "container" || part.y === undefined) return part;
  return { ...part, y: 1 - ((1 - part.y) * natural) / height };
}

function resize(layout, { width, height, natural }) {
  const title = hang(layout.title, natural, height);
  const legend = hang(layout.legend, natural, height);
  return { ...layout, width, height, title, legend, autosize: false };
}

async function drawChart(box) {
  const figure = JSON.parse(box.querySelector("script").textContent);
  const size = measure(figure.layout, box);
  const sheet = document.createElement("div");
  sheet.style.width = `${size.width}px`;
  sheet.style.height = `${size.height}px`;
  sheet.style.transform = `scale(${size.scale})`;
  box.append(sheet);
  await Plotly.newPlot(sheet, figure.data, resize(figure.layout, size), { displayModeBar: false });
  box.querySelector(":scope > img")?.remove(); // not before: a chart that fails leaves its picture
}

const overflows = (slide) =>
  slide.scrollHeight > slide.clientHeight || slide.scrollWidth > slide.clientWidth;

// Tables shrink, then all text, until nothing lies outside; beyond that the slide scrolls.
function fitText(slide) {
  for (const part of ["--table", "--text"]) {
    for (let size = 1; size >= SMALLEST_TEXT && overflows(slide); size -= 0.03) {
      slide.style.setProperty(part, size.toFixed(2));
    }
  }
  slide.classList.toggle("scrolls", overflows(slide));
}

function fill(slide) {
  if (!slide || slide.dataset.filled) return;
  slide.dataset.filled = "yes";
  fitText(slide);
  if (window.Plotly) slide.querySelectorAll(".chart").forEach(drawChart);
}

Reveal.on("slidechanged", (event) => fill(event.currentSlide));
Reveal.on("pdf-ready", () => Reveal.getSlides().forEach(fill));
Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0.02,
  center: false,
  display: "flex",
  hash: true,
  navigationMode: "linear", // one key goes through everything, vertical slides too
  controls: false,
  scrollActivationWidth: 0, // slides on a phone, too
  slideNumber: "c/t",
  transition: "none",
  plugins: [RevealNotes],
})
  .then(() => document.fonts.ready)
  .then(() => fill(Reveal.getCurrentSlide()));
