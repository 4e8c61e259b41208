// Shift with an arrow key, counted: however slow the page is, no press is lost.
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, [contenteditable]";

export default function ({ data, setStateValue }) {
  if (data.cell !== window.stepscopeCell) {
    window.stepscopeCell = data.cell; // a figure further down may have opened it
    document.querySelector(".st-key-cell-keys")?.scrollIntoView({ block: "nearest" });
  }
  window.stepscopeCellMoved = (moved) => setStateValue("moved", moved);
  if (window.stepscopeCellMoves) return;
  window.stepscopeCellMoves = [0, 0]; // down and to the right, since the window was opened
  window.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move || !event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.composedPath()[0].closest?.(FIELDS)) return;
    if (!document.querySelector(".st-key-cell-keys")) return;
    event.preventDefault();
    window.stepscopeCellMoves = window.stepscopeCellMoves.map((count, i) => count + move[i]);
    window.stepscopeCellMoved(window.stepscopeCellMoves);
  }, true);
}
