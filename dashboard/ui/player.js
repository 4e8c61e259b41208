// The player: every frame of the shown runs is in the browser, and what a hand moves moves at once.
//
// The server is told of a step when the hand has rested; nothing is asked while it moves. Words are
// set by textContent, pictures are drawn on canvases: nothing of a run becomes markup.

const REST_MS = 250; // after the last move the server hears of the step
const SETTLED_MS = 150; // after the last move pictures are scaled finely
const ARRIVAL_MS = 300; // after a player was opened its page has been laid out
const HEARD_MS = 1500; // after that the link says the step that the server has heard
const TELLS = 3; // times that it is told of one
const AT_WORK = '[data-test-script-state="running"]';
const HELD_BYTES = 28e6; // of pictures as they came, and as many again decoded for drawing
const AT_ONCE = 6; // pictures asked for at one time
const STRIP_FRAMES = 16;
const LEAST_FRAME = 30; // pixels of a frame in the strip
const EMS = [18, 17, 16, 15, 14]; // pixels of a sentence's letters
const SMALLEST = 14;
const NARROW = 560; // pixels of the player: names stand above their rows, and letters are smaller
const STRIP_PIXELS = 128; // of a frame in the strip, across
const FEW_STRIPS = 4; // above this many rows of a strip its frames are held at half that size
const STORY = "story"; // predicted x0 over the steps, the noise before and the picture at the end
const GAP = 12; // pixels between pictures
const OFFSET = 230; // pixels above the player on a page, about
const MASKED = 1, FRESH = 2, BACK = 4;
const MODES = {
  side: "Side by side", wipe: "Wipe", blink: "Blink", onion: "Onion skin", difference: "Difference",
};
const SPEEDS = [1, 2, 4, 8, 16]; // steps a second
const POINTED = "stepscope-position"; // said to the document: what a hand points at
const GO = "stepscope-step"; // said to the document: a step that a click on a figure asks for
const players = new WeakMap();
const places = new Map(); // where a hand has moved, by what was asked: outlives a new mount
const untold = new Map(); // steps the server has not heard of yet, by what was asked
const habits = { speed: 4, loop: false }; // of this browser's page

export default function ({ data, parentElement, setStateValue }) {
  let player = players.get(parentElement);
  if (!player) players.set(parentElement, (player = new Player(parentElement)));
  player.take(data, setStateValue);
  return () => {
    player.leave();
    players.delete(parentElement);
  };
}

class Player {
  constructor(root) {
    this.root = root;
    this.frames = new Frames((address) => this.arrived(address));
    this.step = 0;
    this.word = null;
    this.keys = (event) => this.hearKey(event);
    window.addEventListener("keydown", this.keys, true);
    this.build();
    this.sizes = new ResizeObserver(() => this.lay());
    this.sizes.observe(this.stage);
  }

  build() {
    const style = make("style", { textContent: STYLE });
    this.back = make("button", { textContent: "◀", title: "One step back (left arrow)" });
    this.toggle = make("button", { textContent: "Play", className: "play", title: "Space" });
    this.forward = make("button", { textContent: "▶", title: "One step on (right arrow)" });
    this.slider = make("input", { type: "range", min: 0, step: 1 });
    this.slider.setAttribute("aria-label", "Step");
    this.where = make("output");
    this.speed = choice(SPEEDS.map((s) => [s, `${s} a second`]), habits.speed, "Speed");
    this.loop = check("Loop", habits.loop);
    this.full = make("button", { textContent: "Full screen", className: "full" });
    this.mode = choice(Object.entries(MODES), "side", "How pictures are compared");
    this.rows = choice([], "", "Which pictures");
    this.one = choice([], "", "First picture");
    this.other = choice([], "", "Second picture");
    this.amount = make("input", { type: "range", min: 0, max: 100, value: 50 });
    this.amount.setAttribute("aria-label", "How much of the second picture");
    this.gain = choice([1, 2, 4, 8, 16].map((g) => [g, `times ${g}`]), 4, "Scale of the difference");
    this.guesses = check("What it would read now", false);
    this.bar = make("div", { className: "bar" },
      this.back, this.toggle, this.forward, this.slider, this.where, this.speed, this.loop.box,
      this.full);
    this.tools = make("div", { className: "bar tools" },
      this.rows, this.mode, this.one, this.other, this.amount, this.gain, this.guesses.box);
    this.stage = make("div", { className: "stage" });
    this.strip = make("div", { className: "strip" });
    this.legend = make("div", { className: "legend" });
    this.box = make("div", { className: "player" },
      this.bar, this.tools, this.stage, this.legend, this.strip);
    this.root.append(style, this.box);

    this.back.onclick = () => this.nudge(-1);
    this.forward.onclick = () => this.nudge(1);
    this.toggle.onclick = () => this.setPlaying(!this.timer);
    this.slider.oninput = () => this.byHand(Number(this.slider.value));
    this.speed.onchange = () => {
      habits.speed = Number(this.speed.value);
      if (this.timer) this.setPlaying(true);
    };
    this.loop.input.onchange = () => (habits.loop = this.loop.input.checked);
    this.full.onclick = () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.box.requestFullscreen();
    };
    for (const each of [this.mode, this.rows, this.one, this.other, this.gain]) {
      each.onchange = () => this.lookOtherwise();
    }
    this.amount.oninput = () => this.draw();
    this.amount.onchange = () => this.lookOtherwise();
    this.guesses.input.onchange = () => this.lookOtherwise();
    this.strip.onwheel = (event) => {
      event.preventDefault();
      this.nudge(event.deltaY + event.deltaX > 0 ? 1 : -1);
    };
    this.stage.onclick = (event) => this.chooseWord(event);
    this.stage.onmouseover = (event) => this.markWord(event);
    this.stage.onmouseleave = () => this.point(null);
    // figures of the page say, too, which position is pointed at: linked.js
    this.pointed = ({ detail }) => {
      if (detail.from !== this) this.markColumn(detail.position);
    };
    document.addEventListener(POINTED, this.pointed);
    this.sent = ({ detail }) => this.byHand(detail.step);
    document.addEventListener(GO, this.sent);
    this.hearPictures();
  }

  // what Python sends: the frames, and where to stand
  take(data, tell) {
    this.tell = tell;
    const placed = this.data === undefined || data.placed !== this.data.placed;
    const same = this.data !== undefined && data.scene === this.data.scene;
    const word = placed || data.word !== this.data?.word;
    const brushed = same && String(data.strip) !== String(this.data.strip);
    this.data = data;
    if (word) this.word = data.word ?? null;
    if (placed) this.step = places.get(data.placed) ?? data.step;
    if (!same || placed) {
      this.setPlaying(false, true);
      this.setUp(placed);
      const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (placed && data.plays && !still) this.setPlaying(true);
      if (placed && data.arrives) this.comeIntoView();
      // the page was laid out anew before the hand had rested: a meeting was left, say
      if (untold.has(data.placed)) this.restThenTell();
    } else if (brushed) this.lay();
  }

  // what a click has opened is of no use below the fold
  comeIntoView() {
    setTimeout(() => this.box.scrollIntoView({ block: "nearest", behavior: "smooth" }), ARRIVAL_MS);
  }

  setUp(placed) {
    const { panels, last } = this.data;
    this.step = Math.min(Math.max(0, this.step), last);
    this.slider.max = Math.max(1, last);
    this.slider.disabled = last === 0;
    this.sentences = panels.filter((p) => p.kind === "sentence");
    this.pictures = panels.filter((p) => p.kind === "pictures");
    this.shades = shadesOf(this.data.scale);
    const [paper, ink] = [luminance(this.data.paper), luminance(getComputedStyle(this.box).color)];
    // whether the page's own ink is read worse than its paper on a shade
    this.strong = this.shades.map(luminance).map(
      (fill) => contrast(fill, paper) > contrast(fill, ink));
    this.box.style.colorScheme = paper < ink ? "dark" : "light";
    const names = this.pictures.map((p, i) => [i, p.label]);
    fill(this.one, names, this.one.value || 0);
    fill(this.other, names, this.other.value || Math.min(1, names.length - 1));
    for (const panel of this.pictures) addStory(panel);
    const rows = this.pictures[0]?.rows.map((r) => [r.name, r.menu ?? r.title]) ?? [];
    const both = rows.length > 1 ? [["both", "x_t and predicted x0"]] : [];
    fill(this.rows, [...both, ...rows], this.rows.value);
    if (placed) this.lookAs(this.data.view);
    this.lay();
  }

  // how it is looked at: in the link, too
  lookAs(view) {
    const [rows, mode, one, other, amount, gain, guesses] = (view || "").split("~");
    put(this.rows, rows || (this.pictures.length > 1 ? STORY : "both"));
    put(this.mode, mode || "side");
    put(this.one, one || "0");
    put(this.other, other || "1");
    this.amount.value = amount || 50;
    put(this.gain, gain || "4");
    this.guesses.input.checked = guesses === "1";
  }

  lookOtherwise() {
    const view = [this.rows.value, this.mode.value, this.one.value, this.other.value,
      this.amount.value, this.gain.value, this.guesses.input.checked ? "1" : "0"].join("~");
    this.lay();
    clearTimeout(this.looked);
    this.looked = setTimeout(() => this.tell("view", view), REST_MS);
  }

  // moving
  nudge(by) {
    this.byHand(this.step + by);
  }

  byHand(step) {
    this.setPlaying(false, true);
    this.go(step);
    this.restThenTell();
  }

  go(step) {
    const to = Math.min(Math.max(0, step), this.data.last);
    if (to === this.step) return;
    this.step = to;
    places.set(this.data.placed, to);
    this.drawQuickly();
    cancelAnimationFrame(this.asking);
    if (this.shownAt(to).every((frame) => this.frames.get(frame[0]))) {
      // what comes next is decoded once this step has been painted
      this.asking = requestAnimationFrame(() => {
        this.asking = requestAnimationFrame(() => this.ask());
      });
    } else this.ask();
  }

  // a picture came, or could not be read: draw once a frame, and only what shows it
  arrived(address) {
    if (this.shownAt(this.step).some((frame) => frame[0] === address)) this.stale = true;
    this.drawing ??= requestAnimationFrame(() => {
      this.drawing = null;
      if (!this.data || !this.cells) return;
      if (this.stale) this.draw();
      else this.drawStrip();
      this.stale = false;
    });
  }

  // pictures are scaled more finely once they stand still
  drawQuickly() {
    clearTimeout(this.settled);
    this.quick = true;
    this.draw();
    this.settled = setTimeout(() => {
      this.quick = false;
      this.draw();
    }, SETTLED_MS);
  }

  restThenTell() {
    clearTimeout(this.rested);
    untold.set(this.data.placed, this.step);
    this.rested = setTimeout(() => this.tellStep(TELLS), REST_MS);
  }

  // what is told while the server draws the whole page anew is lost: the link says what was heard
  tellStep(times) {
    const [step, placed] = [this.step, this.data.placed];
    this.tell("step", step);
    const look = (left) => {
      const linked = new URLSearchParams(window.location.search).get("step");
      if (linked === String(step) || this.data.placed !== placed) untold.delete(placed);
      else if (document.querySelector(AT_WORK)) this.rested = setTimeout(() => look(left), HEARD_MS);
      else if (left > 1) this.tellStep(left - 1);
    };
    this.rested = setTimeout(() => look(times), HEARD_MS);
  }

  setPlaying(on, quietly = false) {
    const was = Boolean(this.timer);
    clearInterval(this.timer);
    this.timer = null;
    if (on) {
      if (this.step >= this.data.last) this.go(0);
      this.timer = setInterval(() => this.tick(), 1000 / habits.speed);
    }
    this.toggle.textContent = on ? "Pause" : "Play";
    if (was && !on && !quietly) this.restThenTell();
  }

  tick() {
    const next = this.step < this.data.last ? this.step + 1 : habits.loop ? 0 : null;
    if (next === null) return this.setPlaying(false);
    if (this.shownAt(next).some((frame) => this.frames.coming(frame[0]))) return;
    this.go(next);
    if (next === this.data.last && !habits.loop) this.setPlaying(false);
  }

  hearKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || !this.box.isConnected) return;
    const target = event.composedPath()[0];
    const mine = target === this.slider;
    if (!mine && target.closest?.(FIELDS)) return;
    const acts = {
      ArrowLeft: () => this.nudge(-1),
      ArrowRight: () => this.nudge(1),
      Home: () => this.byHand(0),
      End: () => this.byHand(this.data.last),
    };
    if (!target.closest?.("button, a, summary, [role=button]")) {
      acts[" "] = () => this.setPlaying(!this.timer);
    }
    if (this.mode.value === "blink" && this.comparing()) acts.b = () => this.blink();
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    act();
  }

  // laying out
  lay() {
    if (!this.data || !this.stage.isConnected) return;
    this.tools.hidden = false;
    const many = this.pictures.length > 1;
    const pair = many && this.mode.value !== "side";
    this.rows.hidden = !this.pictures.length || this.rows.options.length < 2;
    this.mode.hidden = !many;
    this.one.hidden = this.other.hidden = !pair;
    this.amount.hidden = !["wipe", "onion"].includes(this.mode.value) || !pair;
    this.gain.hidden = this.mode.value !== "difference" || !pair;
    this.guesses.box.hidden = !this.sentences.some((p) => p.guesses);
    this.tools.hidden = [...this.tools.children].every((each) => each.hidden);
    const width = this.stage.clientWidth;
    if (width) {
      const parts = [];
      this.named = nameWidth(this.data.panels, width);
      this.box.style.setProperty("--named", `${this.named}px`);
      this.cells = [];
      this.views = [];
      for (const group of alike(this.sentences)) parts.push(...this.laySentences(group, width));
      this.worded = parts.reduce((sum, part) => sum + (part.className === "said" ? 26
        : 54 * part.children.length), this.sentences.length ? 44 : 0);
      if (this.pictures.length) parts.push(pair ? this.layPair(width) : this.laySide(width));
      this.stage.replaceChildren(...parts);
      this.layStrip(width);
      this.layLegend();
    }
    this.draw();
    this.ask();
  }

  // sentences of one length share their columns: rows are runs
  laySentences(group, width) {
    const count = group[0].frames[0].w.length;
    const guesses = this.guesses.input.checked;
    const narrow = width < NARROW;
    const label = group.length > 1 && !narrow ? this.named + 6 : 0;
    const widths = (em) => Array.from({ length: count }, (_, p) => widest(group, p, em, guesses));
    const inOneLine = (em) => widths(em).reduce((sum, w) => sum + w + 6, label) <= width;
    // a sentence that fits a line with smaller letters has them
    const em = count > 72 ? SMALLEST : EMS.find(inOneLine) ?? EMS[narrow ? 2 : 0];
    const wide = widths(em);
    const lines = [];
    let line = [], used = label;
    for (let p = 0; p < count; p++) {
      if (used + wide[p] + 6 > width && line.length) {
        lines.push(line);
        line = [];
        used = label;
      }
      line.push(p);
      used += wide[p] + 6;
    }
    lines.push(line);
    const rowOf = (panel, positions) => {
      const row = make("div", { className: "row" });
      if (label) {
        row.append(make("span", { className: "name", textContent: panel.label, title: panel.label }));
      }
      for (const p of positions) {
        const word = make("span", { className: "word" });
        word.style.width = `${wide[p]}px`;
        word.dataset.position = p;
        this.cells.push({ panel, first: group[0], p, word });
        row.append(word);
      }
      return row;
    };
    const blockOf = (...rows) => {
      const block = make("div", { className: "words", style: `font-size: ${em}px` });
      block.append(...rows);
      return block;
    };
    const above = (panel) => (group.length > 1
      ? [make("div", { className: "above", textContent: panel.label })] : []);
    // side by side line for line; where lines are short each sentence is read as a whole
    const parts = narrow
      ? group.map((panel) => blockOf(...above(panel), ...lines.map((line) => rowOf(panel, line))))
      : lines.map((line) => blockOf(...group.map((panel) => rowOf(panel, line))));
    for (const panel of group) {
      panel.said = make("div", { className: "said" });
      parts.push(panel.said);
    }
    return parts;
  }

  // the height that is left for pictures when all of the player is to be seen at once
  room(width) {
    const above = this.stage.getBoundingClientRect().top - this.box.getBoundingClientRect().top;
    const offset = document.fullscreenElement ? 16 : OFFSET;
    // of several runs' strips the first is seen at once
    const rows = this.pictures.length > 1 ? 1 : this.rowsShown(this.pictures[0]).length;
    const strip = rows * this.frameSide(width) + 44;
    return Math.max(240, window.innerHeight - offset - above - strip - this.worded);
  }

  // how many frames of the strip can be seen as pictures, and in what room
  stripOf(width) {
    const room = this.pictures.length > 1 ? width - this.named - 6 : width;
    const fits = Math.max(4, Math.floor(room / (LEAST_FRAME + 8)));
    return { room, count: Math.min(STRIP_FRAMES, this.data.last + 1, fits) };
  }

  frameSide(width) {
    const { room, count } = this.stripOf(width);
    return Math.min(110, Math.floor((room - 8 * count) / count));
  }

  comparing() {
    return this.pictures.length > 1 && this.mode.value !== "side";
  }

  rowsShown(panel) {
    const both = this.rows.value === "both";
    return panel.rows.filter((r) => (both ? r.name !== STORY : r.name === this.rows.value));
  }

  // every picture as large as the room allows, all of one size
  laySide(width) {
    const items = this.pictures.flatMap((panel) =>
      this.rowsShown(panel).map((row) => ({ panel, row })));
    const aspect = Math.min(...this.pictures.map((p) => p.width / p.height));
    const each = items.length / this.pictures.length; // both rows of a run stand together
    const row = (this.data.abreast || 0) * each;
    const { side, abreast } = bestGrid(items.length, width, this.room(width), aspect, row);
    const grid = make("div", { className: "grid" });
    grid.style.maxWidth = `${abreast * (side + GAP)}px`;
    for (const { panel, row } of items) {
      const view = this.canvas(side, side / aspect, `${panel.label}, ${row.title}`);
      const name = this.pictures.length > 1 ? panel.label : row.title;
      const more = this.pictures.length > 1 && this.rows.value === "both" ? `, ${row.title}` : "";
      this.views.push({ ...view, draw: () => this.paintOne(view, panel, row) });
      grid.append(framed(name + more, view, side));
    }
    return grid;
  }

  layPair(width) {
    const [a, b] = [this.pictures[this.one.value], this.pictures[this.other.value]];
    const aspect = Math.min(a.width / a.height, b.width / b.height);
    const rows = this.rowsShown(a);
    const { side, small, beneath } = pairSides(width, this.room(width), aspect);
    const grid = make("div", { className: "grid" });
    for (const row of rows) {
      const twin = b.rows.find((r) => r.name === row.name);
      const title = `${a.label} and ${b.label}`;
      const view = this.canvas(side, side / aspect, `${title}, ${row.title}`);
      this.views.push({ ...view, draw: () => this.paintPair(view, [a, row], [b, twin]) });
      grid.append(framed(title, view, side));
      // each of the two as it is, beside the one that compares them
      const alone = make("div", { className: beneath ? "alone beneath" : "alone" });
      for (const [panel, own] of [[a, row], [b, twin]]) {
        const one = this.canvas(small, small / aspect, `${panel.label}, ${row.title}`);
        if (own) this.views.push({ ...one, draw: () => this.paintOne(one, panel, own) });
        alone.append(framed(panel.label, one, small));
      }
      grid.append(alone);
    }
    return grid;
  }

  canvas(width, height, said) {
    const sharp = window.devicePixelRatio || 1;
    const canvas = make("canvas", { width: Math.round(width * sharp) });
    canvas.height = Math.round(height * sharp);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", said);
    return { canvas, note: make("div", { className: "note" }) };
  }

  layStrip(width) {
    this.stripped = [];
    this.maps = [];
    const parts = this.sentences.map((panel) => this.layMap(panel, width));
    if (this.pictures.length) parts.push(this.layFrames(width));
    this.strip.replaceChildren(...parts);
    if (this.stripped.length) this.sizeSheet();
  }

  // the sheet of the strip is as large as its cells together, once they are on the page
  sizeSheet() {
    const boxOf = (e) => [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight];
    const { scrollWidth, scrollHeight } = this.sheet.parentElement;
    const sharp = window.devicePixelRatio || 1;
    this.sheet.width = Math.round(scrollWidth * sharp);
    this.sheet.height = Math.round(scrollHeight * sharp);
    this.sheet.style.width = `${scrollWidth}px`;
    this.sheet.style.height = `${scrollHeight}px`;
    const g = this.sheet.getContext("2d");
    g.scale(sharp, sharp);
    g.fillStyle = "#7f8f9826";
    for (const part of this.stripped) {
      part.box = boxOf(part.cell);
      for (const each of part.shown) {
        each.box = boxOf(each.slot);
        g.beginPath();
        g.roundRect(...each.box, 4);
        g.fill();
      }
    }
  }

  // one column a step, one line a run and what is shown of it
  layFrames(width) {
    const many = this.pictures.length > 1;
    const lines = this.pictures.flatMap((panel) => {
      const rows = this.rowsShown(panel);
      // of several runs one line each: what it was heading for says more than its noise
      return (many ? rows.slice(-1) : rows).map((row) => ({ panel, row }));
    });
    this.frames.sizeStrip(lines.length > FEW_STRIPS ? STRIP_PIXELS / 2 : STRIP_PIXELS);
    const each = this.frameSide(width);
    const table = make("div", { className: "frames" });
    if (many) {
      const names = lines.map(({ panel }) => make("span", { textContent: panel.label,
        title: panel.label, style: `height: ${(each * panel.height) / panel.width}px` }));
      table.append(make("div", { className: "names" }, ...names));
    }
    // one sheet under all of its frames: the browser puts one picture together, not a hundred
    this.sheet = this.canvas(0, 0, "").canvas;
    this.sheet.removeAttribute("role");
    this.mark = make("div", { className: "mark" });
    table.append(this.sheet, this.mark);
    const [from, to] = this.data.strip ?? [0, this.data.last];
    for (const step of spread(to - from, this.stripOf(width).count).map((at) => from + at)) {
      const cell = make("button", { className: "frame", title: this.data.labels[step] });
      const shown = lines.map(({ panel, row }) => {
        const slot = make("i");
        slot.style.width = `${each}px`;
        slot.style.height = `${(each * panel.height) / panel.width}px`;
        cell.append(slot);
        return { slot, panel, row };
      });
      cell.append(make("span", { textContent: step }));
      cell.onclick = () => this.byHand(step);
      table.append(cell);
      this.stripped.push({ step, cell, shown });
    }
    return table;
  }

  // one column a step, one line a position: what was masked, and how sure each word was
  layMap(panel, width) {
    const count = panel.frames[0].w.length;
    const named = this.sentences.length > 1;
    const most = Math.max(28, Math.floor(180 / this.sentences.length));
    const tall = Math.min(90, most, Math.max(28, 6 * count));
    const said = `Steps and positions${named ? ` of ${panel.label}` : ""}`;
    const view = this.canvas(named ? width - this.named - 6 : width, tall, said);
    view.canvas.className = "map";
    view.canvas.title = "One column a step, one line a position. Click: go to the step";
    view.canvas.onclick = (event) => {
      const share = event.offsetX / view.canvas.clientWidth;
      this.byHand(Math.floor(share * (this.data.last + 1)));
    };
    this.maps.push({ ...view, panel });
    const name = make("span", { className: "of", textContent: panel.label, title: panel.label });
    return make("div", { className: "mapped" }, ...(named ? [name] : []), view.canvas);
  }

  layLegend() {
    this.legend.replaceChildren();
    if (this.sentences.some((p) => p.coloured)) {
      const shades = make("span", { className: "shades" });
      const stops = this.data.scale.map(([at, colour]) => `${colour} ${100 * at}%`);
      shades.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
      const { sure } = this.sentences.find((p) => p.coloured).naming;
      this.legend.append(keyed(make("span", { textContent: `${sure}: 0` }), shades, "1"));
    }
    if (this.sentences.length) {
      const sample = (name, text, said = "") =>
        this.legend.append(keyed(make("span", { className: name, textContent: said }), text));
      if (this.sentences.some((p) => p.naming.masks)) sample("word blank", "masked");
      const coloured = this.sentences.find((p) => p.coloured);
      if (coloured) sample("word fresh", `${coloured.naming.fresh} by this step`);
      else {
        sample("word fresh", "masked by this step");
        const own = make("span", { className: "word" });
        own.style.backgroundColor = this.data.fixed;
        this.legend.append(keyed(own, "in the strip: still its own word"));
      }
      const taken = (p) => p.frames.some((frame) => frame.f.some((flag) => flag & BACK));
      if (this.sentences.some(taken)) {
        sample("word blank back", "taken back by this step", "word");
      }
      if (this.sentences.length > 1) sample("word differs", `differs from ${this.sentences[0].label}`);
    }
    this.held = make("span", { className: "held" });
    this.legend.append(this.held);
  }

  // drawing: all that is on the screen, at this step
  draw() {
    if (!this.data || !this.cells) return;
    if (this.slider.value !== String(this.step)) this.slider.value = this.step;
    for (const range of [this.slider, this.amount]) {
      range.style.setProperty("--done", `${(100 * range.value) / Math.max(1, range.max)}%`);
    }
    const label = this.data.labels[this.step];
    setText(this.where, label.startsWith("step") ? `${label} of ${this.data.last}` : label);
    for (const cell of this.cells) this.drawWord(cell);
    for (const panel of this.sentences) {
      const at = panel.at[this.step];
      if (panel.said) setText(panel.said, this.saidOf(panel, at));
    }
    for (const view of this.views) view.draw();
    this.drawStrip();
    this.markColumn(this.hovered ?? null);
  }

  saidOf(panel, at) {
    const name = this.sentences.length > 1 ? `${panel.label}: ` : "";
    const first = this.sentences[0];
    let apart = "";
    if (panel !== first && first.frames[0].w.length === panel.frames[0].w.length) {
      const other = first.frames[first.at[this.step]];
      const mine = panel.frames[at];
      const differ = mine.w.filter((_, p) => spoken(panel, mine, p) !== spoken(first, other, p));
      const count = differ.length;
      apart = count ? ` ${count} of ${mine.w.length} positions differ from “${first.label}”.` : "";
    }
    return name + panel.lines[at] + apart;
  }

  drawWord({ panel, first, p, word }) {
    const frame = panel.frames[panel.at[this.step]];
    const masked = Boolean(frame.f[p] & MASKED);
    const taken = Boolean(frame.f[p] & BACK);
    const guess = masked && !taken && this.guesses.input.checked && frame.w[p] >= 0;
    const text = masked && !guess && !taken ? "" : panel.words[frame.w[p]];
    setText(word, text);
    let name = "word";
    if (masked) name += guess ? " blank guess" : " blank";
    if (taken) name += " back";
    if (frame.f[p] & FRESH) name += " fresh";
    if (panel !== first) {
      const other = first.frames[first.at[this.step]];
      if (spoken(panel, frame, p) !== spoken(first, other, p)) name += " differs";
    }
    if (p === this.word) name += " chosen";
    if (word.className !== name) word.className = name;
    const sure = frame.c[p];
    const coloured = !masked && sure !== null;
    const back = coloured ? this.shades[Math.round(100 * sure)] : "";
    if (word.back !== back) {
      word.style.backgroundColor = word.back = back;
      word.style.color = coloured && this.strong[Math.round(100 * sure)] ? this.data.paper : "";
    }
  }

  paintOne(view, panel, row) {
    const at = panel.at[this.step];
    const frame = row.frames[at];
    const picture = frame && this.frames.get(frame[0]);
    const g = clear(view.canvas);
    if (picture) this.place(g, view.canvas, picture, frame[1]);
    setText(view.note, `${shownAs(panel, row, at)} · ${this.how(frame)}`);
  }

  paintPair(view, [a, row], [b, twin]) {
    const [ours, theirs] = [row.frames[a.at[this.step]], twin?.frames[b.at[this.step]]];
    const [one, other] = [ours, theirs].map((f) => f && this.frames.get(f[0]));
    const g = clear(view.canvas);
    const { width, height } = view.canvas;
    const share = this.amount.value / 100;
    const mode = this.mode.value;
    view.canvas.style.filter = "";
    const put = (picture, frame) => picture && this.place(g, view.canvas, picture, frame[1]);
    if (mode === "blink") {
      if (this.blinked) put(other, theirs);
      else put(one, ours);
    } else {
      put(one, ours);
    }
    if (mode === "wipe" && other) {
      g.save();
      g.beginPath();
      g.rect(share * width, 0, width, height);
      g.clip();
      g.clearRect(0, 0, width, height);
      put(other, theirs);
      g.restore();
      g.fillStyle = "#e69f00";
      g.fillRect(share * width - 1, 0, 3, height);
    }
    if (mode === "onion" && other) {
      g.globalAlpha = share;
      put(other, theirs);
      g.globalAlpha = 1;
    }
    if (mode === "difference" && one && other) {
      g.globalCompositeOperation = "difference";
      put(other, theirs);
      g.globalCompositeOperation = "source-over";
      view.canvas.style.filter = `brightness(${this.gain.value})`;
    }
    const shown = shownAs(a, row, a.at[this.step]);
    setText(view.note, `${this.pairNote(mode, a, b, ours, theirs)} Shown: ${shown}.`);
  }

  pairNote(mode, a, b, ours, theirs) {
    if (!ours || !theirs) return "One of them has no picture at this step.";
    const unlike = ours[1] === theirs[1] ? "" :
      ` ${a.label} is ${this.how(ours)}, ${b.label} ${this.how(theirs)}: they differ by that, too.`;
    const said = {
      wipe: `Left ${a.label}, right ${b.label}: drag the line.`,
      blink: `Now ${this.blinked ? b.label : a.label}. The key B, or a click, shows the other.`,
      onion: `${b.label} over ${a.label}, ${this.amount.value} % of it.`,
      difference: `White is a difference of ${Number((1 / this.gain.value).toPrecision(2))} or more `
        + "of the whole range, black is none.",
    };
    return said[mode] + unlike;
  }

  how(frame) {
    if (!frame) return "no picture of this step";
    if (this.frames.failed(frame[0])) return "this picture cannot be read";
    return frame[1] === "decode" ? "decoded" : "linear preview";
  }

  place(g, canvas, picture, source) {
    const fit = Math.min(canvas.width / picture.width, canvas.height / picture.height);
    const { zoom, x, y } = this.look;
    const [w, h] = [picture.width * fit * zoom, picture.height * fit * zoom];
    g.imageSmoothingEnabled = source === "decode";
    g.imageSmoothingQuality = this.quick ? "low" : "high";
    g.drawImage(picture, canvas.width * (0.5 + x) - w / 2, canvas.height * (0.5 + y) - h / 2, w, h);
  }

  drawStrip() {
    let nearest = null;
    for (const part of this.stripped) {
      const apart = Math.abs(part.step - this.step);
      if (nearest === null || apart < Math.abs(nearest.step - this.step)) nearest = part;
    }
    if (nearest) {
      const [left, , width, height] = nearest.box;
      this.mark.style.transform = `translateX(${left}px)`;
      this.mark.style.borderStyle = nearest.step === this.step ? "solid" : "dashed";
      this.mark.style.width = `${width}px`;
      this.mark.style.height = `${height}px`;
    }
    for (const { step, cell, shown } of this.stripped) {
      cell.ariaCurrent = cell === nearest.cell ? "step" : null;
      for (const each of shown) {
        const frame = each.row.frames[each.panel.at[step]];
        const picture = frame && this.frames.thumb(frame[0]);
        if (!picture || each.drawn === picture) continue;
        each.drawn = picture;
        const g = this.sheet.getContext("2d");
        g.save();
        g.beginPath();
        g.roundRect(...each.box, 4);
        g.clip();
        g.clearRect(...each.box);
        g.imageSmoothingEnabled = frame[1] === "decode";
        g.drawImage(picture, ...each.box);
        g.restore();
      }
    }
    for (const map of this.maps) this.drawMap(map);
  }

  drawMap({ canvas, panel }) {
    const g = clear(canvas);
    const steps = this.data.last + 1, count = panel.frames[0].w.length;
    const [w, h] = [canvas.width / steps, canvas.height / count];
    for (let s = 0; s < steps; s++) {
      const frame = panel.frames[panel.at[s]];
      for (let p = 0; p < count; p++) {
        if (frame.f[p] & BACK) {
          g.fillStyle = "#d55e00";
          g.fillRect(s * w, (p + 0.35) * h, Math.ceil(w), Math.max(1, 0.3 * h));
        }
        if (frame.f[p] & MASKED) continue;
        const sure = frame.c[p];
        g.fillStyle = sure === null ? this.data.fixed : this.shades[Math.round(100 * sure)];
        g.fillRect(s * w, p * h, Math.ceil(w) - (w > 6 ? 1 : 0), Math.ceil(h) - (h > 4 ? 1 : 0));
      }
    }
    g.strokeStyle = "#e69f00";
    g.lineWidth = 3;
    g.strokeRect(this.step * w + 1, 1, Math.max(3, w - 2), canvas.height - 2);
  }

  // pictures: what is shown first, then what is near it, as much as may be held
  shownAt(step) {
    const panels = this.comparing()
      ? [this.pictures[this.one.value], this.pictures[this.other.value]] : this.pictures;
    return panels.flatMap((panel) =>
      this.rowsShown(panel).map((row) => row.frames[panel.at[step]]).filter(Boolean));
  }

  ask() {
    if (!this.pictures?.length) return;
    const wanted = [...this.shownAt(this.step)];
    for (let apart = 1; apart <= 3; apart++) {
      for (const step of [this.step + apart, this.step - apart]) {
        if (step >= 0 && step <= this.data.last) wanted.push(...this.shownAt(step));
      }
    }
    const strip = this.stripped.flatMap(({ step, shown }) =>
      shown.map(({ panel, row }) => row.frames[panel.at[step]]).filter(Boolean));
    wanted.push(...strip);
    for (let apart = 4; apart <= this.data.last; apart++) {
      for (const step of [this.step + apart, this.step - apart]) {
        if (step >= 0 && step <= this.data.last) wanted.push(...this.shownAt(step));
      }
    }
    const addresses = (frames) => [...new Set(frames.map((frame) => frame[0]))];
    this.frames.want(addresses(wanted), addresses(strip));
    const { held, dropped } = this.frames;
    if (this.held && dropped) {
      setText(this.held, `${held} frames around this step are held, others come when needed.`);
    }
  }

  // hands on pictures: zoom and pan of all together, and the line of a wipe
  hearPictures() {
    this.look = { zoom: 1, x: 0, y: 0 };
    let grip = null;
    const shareOf = (event) => event.offsetX / event.target.clientWidth;
    this.stage.onwheel = (event) => {
      if (event.target.tagName !== "CANVAS" || !(event.ctrlKey || event.shiftKey)) return;
      event.preventDefault();
      const by = event.deltaY + event.deltaX < 0 ? 1.2 : 1 / 1.2;
      this.look.zoom = Math.min(16, Math.max(1, this.look.zoom * by));
      if (this.look.zoom === 1) this.look.x = this.look.y = 0;
      this.draw();
    };
    this.stage.ondblclick = (event) => {
      if (event.target.tagName !== "CANVAS") return;
      this.look = this.look.zoom > 1 ? { zoom: 1, x: 0, y: 0 } : { zoom: 3, x: 0, y: 0 };
      this.draw();
    };
    this.stage.onpointerdown = (event) => {
      if (event.target.tagName !== "CANVAS") return;
      if (this.comparing() && this.mode.value === "blink") return this.blink();
      grip = { x: event.clientX, y: event.clientY, canvas: event.target };
      grip.wipes = this.comparing() && this.mode.value === "wipe";
      event.target.setPointerCapture(event.pointerId);
      if (grip.wipes) this.wipeTo(shareOf(event));
    };
    this.stage.onpointermove = (event) => {
      if (!grip) return;
      if (grip.wipes) return this.wipeTo(shareOf(event));
      if (this.look.zoom === 1) return;
      this.look.x += (event.clientX - grip.x) / grip.canvas.clientWidth;
      this.look.y += (event.clientY - grip.y) / grip.canvas.clientHeight;
      [grip.x, grip.y] = [event.clientX, event.clientY];
      this.draw();
    };
    this.stage.onpointerup = () => {
      if (grip?.wipes) this.lookOtherwise();
      grip = null;
    };
  }

  wipeTo(share) {
    this.amount.value = Math.round(100 * Math.min(1, Math.max(0, share)));
    this.drawQuickly();
  }

  blink() {
    this.blinked = !this.blinked;
    this.draw();
  }

  // words: hovering marks the column, a click chooses it
  chooseWord(event) {
    const word = event.target.closest(".row .word");
    if (!word) return;
    const position = Number(word.dataset.position);
    this.word = this.word === position ? null : position;
    this.draw();
    // on a phone what is said of a word stands below the fold
    if (this.stage.clientWidth < NARROW) {
      this.stage.scrollIntoView({ block: "start", behavior: "smooth" });
    }
    this.tell("word", this.word);
  }

  markWord(event) {
    const word = event.target.closest(".row .word");
    this.hovered = word ? Number(word.dataset.position) : null;
    this.point(this.hovered);
    if (!word) return;
    const { panel } = this.cells.find((cell) => cell.word === word);
    const frame = panel.frames[panel.at[this.step]];
    const p = this.hovered;
    const masked = frame.f[p] & MASKED;
    if (frame.f[p] & BACK) {
      word.title = `position ${p}: “${panel.words[frame.w[p]]}” was taken back by this step`;
      return;
    }
    const text = frame.w[p] < 0 ? "" : panel.words[frame.w[p]];
    const sure = frame.c[p] === null ? "" : `, ${panel.naming.measure} ${frame.c[p].toPrecision(3)}`;
    const held = text ? `masked; the model holds “${text}”${sure}` : "masked";
    word.title = `position ${p}: ${masked ? held : `“${text}”${sure}`}`;
  }

  point(position) {
    this.markColumn(position);
    document.dispatchEvent(new CustomEvent(POINTED, { detail: { position, from: this } }));
  }

  markColumn(position) {
    if (position === null) this.hovered = null;
    for (const { p, word } of this.cells ?? []) word.classList.toggle("marked", p === position);
  }

  leave() {
    document.removeEventListener(POINTED, this.pointed);
    document.removeEventListener(GO, this.sent);
    window.removeEventListener("keydown", this.keys, true);
    this.sizes.disconnect();
    clearInterval(this.timer);
    clearTimeout(this.rested);
    clearTimeout(this.looked);
    cancelAnimationFrame(this.asking);
    cancelAnimationFrame(this.drawing);
    this.frames.drop();
    this.box.remove();
  }
}

// Pictures as they came, the ones that are wanted soonest decoded for drawing, and small ones.
class Frames {
  constructor(came) {
    this.came = came;
    this.blobs = new Map(); // as they came
    this.ready = new Map(); // decoded
    this.small = new Map(); // for the strip
    this.lost = new Set();
    this.under = new Set(); // on their way
    this.wanted = [];
    this.strip = new Set();
    this.across = STRIP_PIXELS; // of a small one
    this.each = 0; // bytes of the largest decoded picture so far
    this.dropped = 0;
  }

  get held() {
    return this.blobs.size;
  }

  get(address) {
    return this.ready.get(address) ?? null;
  }

  thumb(address) {
    return this.small.get(address) ?? null;
  }

  failed(address) {
    return this.lost.has(address);
  }

  coming(address) {
    return !this.ready.has(address) && !this.lost.has(address);
  }

  sizeStrip(pixels) {
    if (pixels === this.across) return;
    this.across = pixels;
    for (const picture of this.small.values()) picture.close();
    this.small.clear();
  }

  want(addresses, strip) {
    this.wanted = addresses;
    this.strip = new Set(strip);
    this.thin(this.ready, HELD_BYTES);
    this.thin(this.blobs, HELD_BYTES);
    this.pump();
  }

  // as many of the first as may be decoded at one time
  room() {
    return Math.max(1, Math.floor(HELD_BYTES / Math.max(this.each, 1)));
  }

  pump() {
    const room = this.room();
    const full = sum(this.blobs) > HELD_BYTES;
    for (const [place, address] of this.wanted.entries()) {
      if (this.under.size >= AT_ONCE) return;
      if (this.under.has(address) || this.lost.has(address)) continue;
      const draw = place < room && !this.ready.has(address);
      const reduce = this.strip.has(address) && !this.small.has(address);
      const bring = !this.blobs.has(address) && !full;
      if (!draw && !reduce && !bring) continue;
      this.under.add(address);
      this.fetch(address, draw, reduce).then(() => {
        this.under.delete(address);
        this.came(address);
        this.pump();
      });
    }
  }

  async fetch(address, draw, reduce) {
    try {
      const blob = this.blobs.get(address) ?? (await blobOf(address));
      this.blobs.set(address, blob);
      if (reduce) {
        const options = { resizeWidth: this.across, resizeQuality: "pixelated" };
        this.small.set(address, await createImageBitmap(blob, options));
      }
      if (draw) {
        const picture = await createImageBitmap(blob);
        this.each = Math.max(this.each, 4 * picture.width * picture.height);
        this.ready.set(address, picture);
      }
      this.thin(this.ready, HELD_BYTES);
      this.thin(this.blobs, HELD_BYTES);
    } catch {
      this.lost.add(address);
    }
  }

  // what is held is what is wanted soonest, as far as the bounds go
  thin(held, most) {
    let bytes = sum(held);
    if (bytes <= most) return;
    const rank = new Map(this.wanted.map((address, place) => [address, place]));
    const last = (address) => rank.get(address) ?? Infinity;
    for (const address of [...held.keys()].sort((a, b) => last(b) - last(a))) {
      if (bytes <= most) return;
      const each = held.get(address);
      bytes -= weight(each);
      each.close?.();
      held.delete(address);
      this.dropped += 1;
    }
  }

  drop() {
    for (const held of [this.ready, this.small]) {
      for (const picture of held.values()) picture.close();
      held.clear();
    }
    this.blobs.clear();
    this.wanted = [];
  }
}

function weight(each) {
  return each.size ?? 4 * each.width * each.height;
}

function sum(held) {
  let bytes = 0;
  for (const each of held.values()) bytes += weight(each);
  return bytes;
}

async function blobOf(address) {
  if (address.startsWith("data:")) {
    const [kind, data] = address.slice(5).split(";base64,");
    return new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: kind });
  }
  const answer = await fetch(new URL(address, document.baseURI));
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.blob();
}

// what a run's picture was heading for at every step, from its noise to what it came to
function addStory(panel) {
  const row = (name) => panel.rows.find((r) => r.name === name);
  const [noisy, clean] = [row("latents"), row("predicted_x0")];
  if (!noisy || !clean || row(STORY)) return;
  const frames = clean.frames.map((frame, i) =>
    (i === 0 || i === panel.of ? noisy.frames[i] ?? frame : frame));
  panel.rows.push({ name: STORY, title: "predicted x0", menu: "predicted x0, then the final picture",
    frames });
}

// what a picture is: the noise it began with, x_t, predicted x0, or what it came to
function shownAs(panel, row, at) {
  if (at === panel.of && row.name !== "predicted_x0") return `final picture, step ${at}`;
  if (at === 0 && row.name !== "predicted_x0") return "x_t, the noise it begins with, step 0";
  return `${row.title}, step ${at}`;
}

function framed(title, view, side) {
  const figure = make("figure", {}, make("figcaption", { textContent: title, title }),
    view.canvas, view.note);
  figure.style.width = `${side}px`;
  return figure;
}

// one large picture and the two it is made of, over the whole width: beside it one under the other,
// beside it both, or on a narrow page beneath it
function pairSides(width, height, aspect) {
  if (width < NARROW) return { side: width, small: (width - 12) / 2, beneath: true };
  // two small ones with their words are as tall as the large one
  const stacked = Math.floor((2 * (width - 12) + 64 * aspect) / 3);
  const tall = Math.floor((height - 52) * aspect);
  if (stacked <= 1.3 * tall) return { side: stacked, small: width - 12 - stacked, beneath: false };
  const side = Math.max(tall, Math.floor((width - 24) / 3));
  return { side, small: Math.floor((width - side - 24) / 2), beneath: true };
}

// runs of one length share columns
function alike(panels) {
  const groups = new Map();
  for (const panel of panels) {
    const count = panel.frames[0].w.length;
    groups.set(count, [...(groups.get(count) ?? []), panel]);
  }
  return groups.values();
}

// what a position says: a mask is a word of its own
function spoken(panel, frame, p) {
  return frame.f[p] & MASKED ? null : panel.words[frame.w[p]];
}

// the room for names before rows: what tells runs apart is not what is cut
function nameWidth(panels, width) {
  const letters = Math.max(...panels.map((panel) => panel.label.length));
  return width < NARROW ? 84 : Math.min(176, Math.max(84, Math.round(7 * letters)));
}

// the widest that a position ever gets: nothing jumps
function widest(group, p, em, guesses) {
  let most = 2;
  for (const { frames, words } of group) {
    for (const frame of frames) {
      const said = frame.w[p] >= 0 && (guesses || !(frame.f[p] & MASKED) || frame.f[p] & BACK);
      if (said) most = Math.max(most, words[frame.w[p]].length);
    }
  }
  return Math.round(Math.min(most, 18) * em * 0.62 + em * 1.1);
}

// the largest side with which some pictures fit into a room, else what a row of four has
// how many pictures stand abreast, and how large: near the most that the room allows whole rows
// come first, then few of them; the rows of a grid of settings are kept
function bestGrid(count, width, height, aspect, row) {
  const grids = Array.from({ length: count }, (_, i) => {
    const abreast = i + 1, rows = Math.ceil(count / abreast);
    const wide = (width - GAP * abreast) / abreast;
    const tall = (height / rows - 52) * aspect;
    return { abreast, rows, whole: count % abreast === 0, side: Math.min(wide, tall) };
  });
  const most = Math.max(...grids.map((grid) => grid.side));
  const asked = grids.filter((grid) => grid.abreast === row && grid.side > 0.5 * most);
  const near = asked.length ? asked : grids.filter((grid) => grid.side > 0.8 * most);
  near.sort((a, b) => b.whole - a.whole || a.rows - b.rows || b.side - a.side);
  const least = Math.max(90, Math.min(150, width));
  const best = near[0];
  if (best.side >= least) return { ...best, side: Math.floor(best.side) };
  return { side: least, abreast: Math.max(1, Math.floor(width / (least + GAP))) };
}

function spread(last, count) {
  const steps = Array.from({ length: Math.min(count, last + 1) }, (_, i, all) => i);
  return steps.map((i) => Math.round((i * last) / Math.max(1, steps.length - 1)));
}

function shadesOf(scale) {
  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return Array.from({ length: 101 }, (_, i) => {
    const at = i / 100;
    const high = scale.findIndex(([stop]) => stop >= at);
    if (high < 1) return scale[0][1];
    const [[from, low], [to, top]] = [scale[high - 1], scale[high]];
    const share = (at - from) / (to - from);
    const [a, b] = [channels(low), channels(top)];
    return `rgb(${a.map((v, c) => Math.round(v + share * (b[c] - v))).join(",")})`;
  });
}

// of a colour as #rrggbb or rgb(r, g, b), 0 to 1 (WCAG 2.2)
function luminance(colour) {
  const parts = colour.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) : colour.match(/[\d.]+/g);
  const [r, g, b] = parts.slice(0, 3).map((part) => part / 255).map(
    (c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

function clear(canvas) {
  const g = canvas.getContext("2d");
  g.clearRect(0, 0, canvas.width, canvas.height);
  return g;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

// a sample and what it means: never on two lines
function keyed(...parts) {
  const [text, ...samples] = [parts.at(-1), ...parts.slice(0, -1)];
  return make("span", { className: "keyed" }, ...samples, make("span", { textContent: text }));
}

function choice(options, value, said) {
  const select = make("select");
  select.setAttribute("aria-label", said);
  fill(select, options, value);
  return select;
}

function fill(select, options, value) {
  select.replaceChildren(...options.map(([v, text]) => make("option", { value: v, textContent: text })));
  put(select, value);
}

function put(select, value) {
  const there = [...select.options].some((option) => option.value === String(value));
  if (there) select.value = value;
  else select.selectedIndex = select.options.length ? 0 : -1;
}

function check(text, on) {
  const input = make("input", { type: "checkbox", checked: on });
  return { input, box: make("label", { className: "check" }, input, text) };
}

const FIELDS = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], "
  + "[role=slider], [role=combobox], [role=listbox], [role=textbox], [role=grid], [role=radiogroup]";
const STYLE = `
.player { font-family: var(--st-font, system-ui, sans-serif); color: var(--st-text-color, #16232b); }
.player:fullscreen { background: var(--st-background-color, #fff); padding: 16px; overflow: auto; }
.bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin-bottom: 10px; }
[hidden] { display: none !important; }
button, select { font: inherit; font-size: 15px; color: inherit; cursor: pointer; min-height: 36px;
  background: var(--st-background-color, #fff); border-radius: 8px; padding: 0 12px;
  border: 1px solid var(--st-border-color, #8fa1ab); }
button:hover, select:hover { border-color: var(--st-primary-color, #0072b2); }
button:focus-visible, select:focus-visible, input:focus-visible {
  outline: 2px solid var(--st-primary-color, #0072b2); outline-offset: 2px; }
.play { min-width: 76px; }
.full { font-size: 14px; }
.bar > input[type=range] { flex: 1 1 160px; min-width: 120px; height: 28px; margin: 0;
  appearance: none; background: none; cursor: pointer; }
/* drawn here: a browser's own track is white on a dark page */
input[type=range]::-webkit-slider-runnable-track { height: 6px; border-radius: 3px; background:
  linear-gradient(to right, var(--st-primary-color, #0072b2) var(--done), #7f8f9866 var(--done)); }
input[type=range]::-webkit-slider-thumb { appearance: none; width: 18px; height: 18px;
  margin-top: -6px; border-radius: 50%; background: var(--st-primary-color, #0072b2); }
input[type=range]::-moz-range-track { height: 6px; border-radius: 3px; background: #7f8f9866; }
input[type=range]::-moz-range-progress { height: 6px; border-radius: 3px;
  background: var(--st-primary-color, #0072b2); }
input[type=range]::-moz-range-thumb { width: 18px; height: 18px; border: 0;
  background: var(--st-primary-color, #0072b2); }
input[type=range]:disabled { opacity: 0.4; }
.tools > input[type=range] { flex: 0 1 200px; }
output { min-width: 108px; font-variant-numeric: tabular-nums; font-size: 15px; }
.check { display: inline-flex; gap: 6px; align-items: center; font-size: 15px; }
.stage { scroll-margin-top: 72px; }
.words { margin: 0 0 10px; font-size: 18px; }
.row { display: flex; gap: 6px; align-items: stretch; margin-bottom: 5px; }
.row .name { flex: 0 0 var(--named); font-size: 14px; line-height: 1.2; align-self: center;
  overflow: hidden; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
.above { font-size: 13px; line-height: 1.2; }
.word { box-sizing: border-box; flex: none; height: 2.3em; line-height: 2.2em; text-align: center;
  border-radius: 5px; border: 1px solid transparent; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; cursor: pointer; border-bottom: 4px solid transparent; }
.word.blank { background: repeating-linear-gradient(135deg, #7f8f9826 0 4px, transparent 4px 8px);
  border: 1px dashed #7f8f98; }
.word.back { text-decoration: line-through; text-decoration-thickness: 2px;
  box-shadow: inset 0 0 0 3px #d55e00; opacity: 0.85; }
.word.guess { opacity: 0.72; font-style: italic; }
.word.fresh { box-shadow: inset 0 0 0 3px #e69f00; }
.word.differs { border-bottom: 4px solid #d55e00; }
.word.marked, .word.chosen { outline: 2px solid var(--st-text-color, #16232b); outline-offset: 1px; }
.said { font-size: 15px; margin: 2px 0; overflow-wrap: anywhere; }
.grid { display: flex; flex-wrap: wrap; gap: 12px; justify-content: flex-start; }
figure { margin: 0; }
figcaption { font-size: 15px; font-weight: 600; margin-bottom: 4px; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
canvas { display: block; border-radius: 4px; touch-action: pan-y; }
.note { font-size: 14px; margin-top: 4px; min-height: 1.3em; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 10px; align-items: center; font-size: 14px;
  margin: 8px 0; }
.keyed { display: inline-flex; gap: 8px; align-items: center; }
.legend .word { flex: none; width: 26px; height: 18px; cursor: default; }
.legend .differs { border-top: 0; }
.shades { width: 130px; height: 12px; border-radius: 3px; }
.alone { display: flex; flex-direction: column; gap: 12px; }
.alone.beneath { flex-direction: row; }
.strip { margin-top: 6px; overflow-x: auto; overscroll-behavior: contain; }
.frames { display: flex; gap: 4px; position: relative; width: max-content; }
.frames > canvas, .mark { position: absolute; left: 0; top: 0; pointer-events: none; }
.mark { box-sizing: border-box; border: 2px solid #e69f00; border-radius: 4px; }
.frames .names { flex: 0 0 var(--named); display: flex; flex-direction: column; gap: 3px; padding-top: 2px; }
.names span { display: flex; align-items: center; font-size: 13px; line-height: 1.2;
  overflow: hidden; }
.mapped { display: flex; gap: 6px; margin-bottom: 4px; }
.frame { display: flex; flex-direction: column; gap: 3px; padding: 0 0 2px; border-radius: 4px;
  border: 2px solid transparent; align-items: center; font-size: 13px; background: none; }
.strip .of { flex: 0 0 var(--named); font-size: 13px; align-self: center; overflow: hidden;
  text-overflow: ellipsis; }
.map { cursor: pointer; }
@media (max-width: 640px) {
  .full { display: none; } /* a phone's window is the screen */
  .bar { gap: 5px; margin-bottom: 6px; }
  output { min-width: 0; }
  .tools > select { flex: 1 1 auto; min-width: 0; max-width: 100%; }
}
@media print { .bar, .strip { display: none; } }
`;
