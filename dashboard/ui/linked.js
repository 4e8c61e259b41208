// Figures of positions and the sentence in the player mark one another while a hand points.
// What is pointed at is said to the whole document as "stepscope-position"; null when at nothing.
const SAID = "stepscope-position";
const GO = "stepscope-step"; // said to the player: go to a step
const FAINT = "0.15";

export default function () {
  if (window.stepscopeLinked) return;
  window.stepscopeLinked = true;
  const heard = new WeakSet();
  const listen = () => {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      if (heard.has(plot) || !plot.on) continue;
      heard.add(plot);
      plot.on("plotly_hover", ({ points }) => say(positionOf(plot, points[0]), plot));
      plot.on("plotly_unhover", () => say(null, plot));
      plot.on("plotly_click", ({ points }) => goTo(plot, points[0]));
    }
  };
  new MutationObserver(listen).observe(document.body, { childList: true, subtree: true });
  listen();
  document.addEventListener(SAID, ({ detail }) => {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      if (plot !== detail.from) mark(plot, detail.position);
    }
  });
}

// a click on a curve over steps, where the server hears of boxes alone
function goTo(plot, point) {
  if (!plot._fullLayout?.meta?.steps || typeof point?.x !== "number") return;
  document.dispatchEvent(new CustomEvent(GO, { detail: { step: Math.round(point.x) } }));
}

function say(position, from) {
  if (position === undefined) return;
  document.dispatchEvent(new CustomEvent(SAID, { detail: { position, from } }));
}

// the way a figure holds positions is said by its layout: as lines, rows or columns
function wayOf(plot) {
  return plot._fullLayout?.meta?.positions;
}

function positionOf(plot, point) {
  const way = wayOf(plot);
  if (way === "lines") return point.data.meta?.position;
  if (way === "columns") return point.x;
  if (way !== "rows") return undefined;
  const { customdata, y, pointNumber } = point;
  if (Array.isArray(customdata) && typeof customdata[1] === "number") return customdata[1];
  return typeof y === "number" ? Math.round(y) : pointNumber?.[0];
}

function mark(plot, position) {
  const way = wayOf(plot);
  if (way === "lines") markLine(plot, position);
  if (way === "rows" || way === "columns") markBand(plot, way, position);
}

function markLine(plot, position) {
  const there = plot.data.some((trace) => trace.meta?.position === position);
  for (const { trace, node3 } of (plot.calcdata ?? []).map((each) => each[0])) {
    const own = trace.meta?.position;
    const node = node3?.node?.() ?? plot.querySelector(`.trace.scatter.trace${trace.uid}`);
    if (own !== undefined && node) node.style.opacity = !there || own === position ? "" : FAINT;
  }
}

// "x2" is said of the axis that a layout calls "xaxis2"
function axisName(id) {
  return `xaxis${id.slice(1)}`;
}

function markBand(plot, way, position) {
  plot.querySelector(".pointed-band")?.remove();
  const { xaxis, yaxis, _subplots } = plot._fullLayout;
  const [along, across] = way === "rows" ? [yaxis, xaxis] : [xaxis, yaxis];
  if (position === null || !along) return;
  // over all panels that stand abreast, from the first one's edge to the last one's
  const last = way === "rows" ? plot._fullLayout[axisName(_subplots.xaxis.at(-1))] : across;
  const length = last._offset + last._length - across._offset;
  const [a, b] = [along.c2p(position - 0.5), along.c2p(position + 0.5)];
  const [from, size] = [along._offset + Math.min(a, b), Math.abs(b - a)];
  if (!(size > 0) || from < along._offset - 1 || from + size > along._offset + along._length + 1) {
    return;
  }
  const band = document.createElement("div");
  band.className = "pointed-band";
  const box = way === "rows" ? [across._offset, from, length, size]
    : [from, across._offset, size, across._length];
  const [left, top, width, height] = box.map((pixels) => `${pixels}px`);
  Object.assign(band.style, { position: "absolute", pointerEvents: "none", left, top, width, height,
    boxSizing: "border-box", outline: "2px solid #e69f00", outlineOffset: "-1px", zIndex: 5 });
  plot.append(band);
}
