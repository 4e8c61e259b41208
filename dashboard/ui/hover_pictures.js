// The picture of the run that a hand points at in a figure, beside the pointer.
const SIDE = 160; // pixels, at most
const APART = 18; // from the pointer

export default function ({ data }) {
  window.stepscopePictures = data.addresses;
  if (window.stepscopePictured) return;
  window.stepscopePictured = true;
  const heard = new WeakSet();
  const listen = () => {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      if (heard.has(plot) || !plot.on) continue;
      heard.add(plot);
      plot.on("plotly_hover", ({ points, event }) => show(points[0], event));
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

function show(point, event) {
  const run = [point?.customdata].flat()[0];
  const address = window.stepscopePictures?.[run];
  hide();
  if (!address || !event) return;
  shown = document.createElement("img");
  shown.of = event.target;
  shown.className = "hover-picture";
  shown.alt = "";
  shown.src = new URL(address, document.baseURI);
  // on the side of the pointer where there is room; the figure's own words are on the other
  const left = event.clientX > SIDE + 2 * APART ? event.clientX - SIDE - APART : event.clientX + APART;
  const top = Math.max(0, Math.min(event.clientY - SIDE / 2, window.innerHeight - SIDE - APART));
  Object.assign(shown.style, { position: "fixed", left: `${left}px`, top: `${top}px`,
    maxWidth: `${SIDE}px`, maxHeight: `${SIDE}px`, width: `${SIDE}px`, pointerEvents: "none",
    zIndex: 1000, borderRadius: "4px", boxShadow: "0 2px 10px rgba(0, 0, 0, 0.35)" });
  document.body.append(shown);
}
