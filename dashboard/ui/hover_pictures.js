// The picture of the run that a hand points at in a figure, in the figure's corner.
const SIDE = 160; // pixels, at most
const APART = 8; // from the edges of the window

export default function ({ data }) {
  window.stepscopePictures = data.addresses;
  if (window.stepscopePictured) return;
  window.stepscopePictured = true;
  const heard = new WeakSet();
  const listen = () => {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      if (heard.has(plot) || !plot.on) continue;
      heard.add(plot);
      plot.on("plotly_hover", ({ points }) => show(points[0], plot));
      plot.on("plotly_unhover", hide);
    }
    if (shown?.of && !shown.of.isConnected) hide();
  };
  new MutationObserver(listen).observe(document.body, { childList: true, subtree: true });
  listen();
}

let shown = null;

function hide() {
  shown?.remove();
  shown = null;
}

function show(point, plot) {
  const run = [point?.customdata].flat()[0];
  const address = window.stepscopePictures?.[run];
  hide();
  if (!address) return;
  shown = document.createElement("img");
  shown.of = plot;
  shown.className = "hover-picture";
  shown.alt = "";
  shown.src = new URL(address, document.baseURI);
  // in the figure's corner, over its scale of colours: no cell and no words are hidden
  const box = plot.getBoundingClientRect();
  const left = box.right - SIDE;
  const top = Math.max(APART, Math.min(box.top, window.innerHeight - SIDE - APART));
  Object.assign(shown.style, { position: "fixed", left: `${left}px`, top: `${top}px`,
    maxWidth: `${SIDE}px`, maxHeight: `${SIDE}px`, width: `${SIDE}px`, pointerEvents: "none",
    zIndex: 1000, borderRadius: "4px", boxShadow: "0 2px 10px rgba(0, 0, 0, 0.35)" });
  document.body.append(shown);
}
