// @ts-check
// The page: what is shown, and what a hand does to it. All mathematics is asked of the program.

import { Channel, post } from "./ask.js";
import { assign, dial } from "./controls.js";
import { drawBars, drawCurve, drawSpectrum, drawStrip, drawTime, numbers } from "./panels.js";
import { drawPlane } from "./plane.js";

/** @param {string} id @returns {any} */
const at = (id) => document.getElementById(id);

/** What a hand can change; undone and redone as a whole. */
const state = {
  text: "",
  asymmetry: 1,
  gain: 1,
  beta: 0,
  /** @type {number[] | null} */ start: null,
  /** @type {number[] | null} */ window: null,
  /** @type {[number, number]} */ pair: [0, 1],
};
/** @type {{portrait: any, trajectory: any, learning: any, branch: any, curve: number[]}} */
const seen = { portrait: null, trajectory: null, learning: null, branch: null, curve: [] };
/** @type {any} */
let described = null;
/** @type {any} */
let place = null;
/** @type {string[]} */
const past = [];
/** @type {string[]} */
let future = [];
const PARTS = ["streamlines", "nullclines", "fixed_points", "manifolds", "cycles", "basins", "path"];

const problem = () => ({ text: state.text, asymmetry: state.asymmetry, gain: state.gain });
const names = () => described?.names ?? ["s0", "s1"];
const without = () => PARTS.filter((part) => !at(`show-${part}`).checked);
const plane = () => ({
  ...problem(), coordinates: state.pair, window: state.window, beta: state.beta, without: without(),
});
/** @param {string} message */
const say = (message) => { at("message").textContent = message; };

const channels = {
  portrait: new Channel("portrait", (answer) => {
    seen.portrait = answer;
    say("");
    draw();
    const kinds = answer.fields[0].fixed_points.map((/** @type {any} */ point) =>
      `${point.kind.replace("_", " ")} at ${point.state.map((/** @type {number} */ s) => s.toFixed(3)).join(", ")}`);
    at("plane-text").textContent = `Fixed points: ${kinds.join("; ") || "none in the window"}.`;
  }, say),
  trajectory: new Channel("trajectory", (answer) => {
    seen.trajectory = answer;
    at("time-text").textContent = answer.rests ? "It rests." : "It does not rest in the time shown: cut.";
    draw();
  }, say),
  learning: new Channel("learning", (answer) => {
    seen.learning = answer;
    showNumbers(numbers(answer.limit, answer.measured));
    const stable = answer.limit.stable;
    at("spectrum-text").textContent = stable === null ? "Rounding decides the stability."
      : `The fixed point is ${stable ? "stable" : "unstable"}.`;
    draw();
  }, (message) => {
    seen.learning = null;
    showNumbers([["no fixed point is reached", message]]);
    at("spectrum-text").textContent = "";
    draw();
  }),
  branch: new Channel("branch", (answer) => {
    seen.branch = answer;
    const events = answer.events.map((/** @type {any} */ event) =>
      `${event.kind.replace("_", " ")} at ${event.parameter.toPrecision(6)}`);
    at("strip-text").textContent = events.join("; ") || "No event in this range.";
    draw();
  }, (message) => { seen.branch = null; at("strip-text").textContent = message; draw(); }),
  describe: new Channel("describe", (answer) => {
    described = answer;
    at("editor-message").textContent = "";
    buildDials();
    buildSliders();
    buildSelects();
    refresh(false);
  }, (message) => { at("editor-message").textContent = message; }),
  commands: new Channel("commands", (answer) => {
    at("commands").textContent = [...answer.shell, "", ...answer.python].join("\n");
  }, say),
};

/** @param {[string, string][]} rows */
function showNumbers(rows) {
  at("numbers").replaceChildren(...rows.flatMap(([name, value]) => {
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    [term.textContent, detail.textContent] = [name, value];
    return [term, detail];
  }));
}

function draw() {
  if (seen.portrait && !at("plane").hidden) {
    place = drawPlane(at("plane"), seen.portrait, seen.trajectory, state.pair, names());
    at("plane").dataset.window = JSON.stringify(place.window);
  }
  if (seen.trajectory) drawTime(at("time"), seen.trajectory, names());
  if (seen.learning) {
    drawBars(at("bars"), seen.learning.limit);
    drawSpectrum(at("spectrum"), seen.learning.limit.eigenvalues);
  }
  if (seen.branch) drawStrip(at("strip"), seen.branch, names());
  if (seen.curve.length) drawCurve(at("curve"), seen.curve);
}

/** @type {number | undefined} */
let settled;
/** Asks for everything; coarsely while the hand moves, then once in full.
 * @param {boolean} moving */
function refresh(moving) {
  channels.trajectory.ask({ ...problem(), start: state.start, beta: state.beta });
  channels.learning.ask({ ...problem(), beta: state.beta });
  channels.portrait.ask({ ...plane(), draft: moving });
  clearTimeout(settled);
  if (moving) {
    settled = setTimeout(() => refresh(false), 250);
  } else {
    const range = [Number(at("from").value), Number(at("to").value)];
    channels.branch.ask({ ...problem(), parameter: at("along").value || "beta", range });
    channels.commands.ask(plane());
  }
}

function remember() {
  const now = JSON.stringify(state);
  if (past[past.length - 1] !== now) past.push(now);
  if (past.length > 200) past.shift();
  future = [];
  showHistory();
}

function showHistory() {
  at("undo").disabled = past.length < 2;
  at("redo").disabled = future.length === 0;
}

/** @param {string} text */
function restore(text) {
  const before = state.text;
  Object.assign(state, JSON.parse(text));
  at("editor").value = state.text;
  buildDials();
  showHistory();
  if (state.text !== before) channels.describe.ask(problemAsWritten());
  else refresh(false);
}

const problemAsWritten = () => ({ text: state.text });

function buildDials() {
  at("dials").replaceChildren();
  /** @type {[string, "asymmetry" | "gain" | "beta", number, number][]} */
  const dials = [["asymmetry λ", "asymmetry", -2, 3], ["gain g", "gain", 0, 4], ["nudge β", "beta", -2, 4]];
  for (const [label, key, low, high] of dials) {
    if (key !== "beta" && described && !described.is_network) continue;
    dial(at("dials"), { label, low, high, value: state[key] }, (value, done) => {
      state[key] = value;
      if (done) remember();
      refresh(!done);
    });
  }
}

function buildSliders() {
  at("sliders").replaceChildren();
  for (const slider of described.sliders) {
    dial(at("sliders"), slider, (value, done) => {
      assign(described.problem, slider.pointer, value);
      state.text = JSON.stringify(described.problem, null, 1);
      if (slider.pointer.startsWith("/initial_state")) state.start = null;
      if (done) {
        at("editor").value = state.text;
        remember();
      }
      refresh(!done);
    });
  }
  if (described.more > 0) {
    const more = document.createElement("p");
    more.className = "hint";
    more.textContent = `${described.more} more numbers are in the problem below.`;
    at("sliders").append(more);
  }
}

function buildSelects() {
  const n = names().length;
  if (Math.max(...state.pair) >= n) state.pair = [0, 1];
  /** @param {string} id @param {string[]} options @param {string} value */
  const fill = (id, options, value) => {
    at(id).replaceChildren(...options.map((text, k) => new Option(text, id === "along" ? text : String(k))));
    at(id).value = options.includes(value) || id !== "along" ? value : options[0];
  };
  fill("across", names(), String(state.pair[0]));
  fill("up", names(), String(state.pair[1]));
  fill("along", described.along, at("along").value || "beta");
}

/** @param {string} text @param {string} about */
function open(text, about) {
  Object.assign(state, { text, asymmetry: 1, gain: 1, start: null, window: null, pair: [0, 1] });
  at("editor").value = text;
  at("about").textContent = about;
  seen.curve = [];
  at("curve-text").textContent = "";
  buildDials();
  remember();
  channels.describe.ask(problemAsWritten());
}

/** @param {File | undefined} file */
async function openFile(file) {
  if (!file) return;
  try {
    const text = await file.text();
    if (!file.name.toLowerCase().endsWith(".ode")) return open(text, file.name);
    const answer = await (await post("open", { ode: text })).json();
    open(answer.text, [file.name, ...answer.warnings].join("; "));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** @param {boolean} trueGradient */
async function learn(trueGradient) {
  try {
    const question = {
      ...problem(), true_gradient: trueGradient, rate: Number(at("rate").value), steps: Number(at("steps").value),
    };
    const answer = await (await post("learn", question)).json();
    seen.curve = answer.cost;
    Object.assign(state, { asymmetry: 1, gain: 1, text: JSON.stringify(answer.problem, null, 1) });
    at("editor").value = state.text;
    at("curve-text").textContent = answer.stopped
      ?? `cost ${answer.cost[0].toPrecision(4)} → ${answer.cost[answer.cost.length - 1].toPrecision(4)}`;
    buildDials();
    remember();
    channels.describe.ask(problemAsWritten());
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** @param {string} format */
async function save(format) {
  try {
    const dark = document.documentElement.classList.contains("dark");
    const response = await post("save", { ...plane(), format, dark });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = `${["json", "ode"].includes(format) ? "problem" : "portrait"}.${format}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** @param {number} x @param {number} y */
function begin(x, y) {
  const base = state.start ?? described?.start ?? names().map(() => 0);
  const start = [...base];
  [start[state.pair[0]], start[state.pair[1]]] = [x, y];
  state.start = start;
  channels.trajectory.ask({ ...problem(), start, beta: state.beta });
}

/** The state under the pointer. @param {MouseEvent} event @returns {[number, number]} */
function under(event) {
  const box = at("plane").getBoundingClientRect();
  const { frame, window } = place;
  const [x0, x1, y0, y1] = window;
  const x = x0 + ((event.clientX - box.left - frame.left) / (frame.right - frame.left)) * (x1 - x0);
  const y = y0 + ((frame.bottom - (event.clientY - box.top)) / (frame.bottom - frame.top)) * (y1 - y0);
  return [x, y];
}

/** How far a state is from the pointer, in pixels. @param {number[]} s @param {MouseEvent} event */
function pixels(s, event) {
  const box = at("plane").getBoundingClientRect();
  const { frame, window } = place;
  const [x0, x1, y0, y1] = window;
  const [i, j] = state.pair;
  const x = frame.left + ((s[i] - x0) / (x1 - x0)) * (frame.right - frame.left);
  const y = frame.bottom - ((s[j] - y0) / (y1 - y0)) * (frame.bottom - frame.top);
  return Math.hypot(x - (event.clientX - box.left), y - (event.clientY - box.top));
}

/** The branch of the nudged fixed point in β, while a hand drags it. @type {any} */
let held = null;

/** Takes the point that the trajectory ends at, if it is under the pointer. @param {MouseEvent} event */
async function hold(event) {
  const end = seen.trajectory?.rests ? seen.trajectory.state[seen.trajectory.state.length - 1] : null;
  if (!end || pixels(end, event) > 9) return false;
  held = { parameter: [], state: [] };
  try {
    const question = { ...problem(), parameter: "beta", range: [-0.9, 4] };
    const branch = (await (await post("branch", question)).json()).branches[0];
    if (held && branch) held = branch;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
  return true;
}

/** β ← that of the branch's point nearest to the pointer. @param {MouseEvent} event */
function pull(event) {
  let [nearest, best] = [-1, Infinity];
  held.state.forEach((/** @type {number[]} */ s, /** @type {number} */ k) => {
    const distance = pixels(s, event);
    if (distance < best) [nearest, best] = [k, distance];
  });
  if (nearest < 0) return;
  state.beta = held.parameter[nearest];
  buildDials();
  refresh(true);
}

function listen() {
  at("plane").addEventListener("pointerdown", async (/** @type {PointerEvent} */ event) => {
    if (!place) return;
    at("plane").setPointerCapture(event.pointerId);
    if (!(await hold(event))) begin(...under(event));
  });
  at("plane").addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    if (!place || !event.buttons) return;
    if (held) pull(event);
    else begin(...under(event));
  });
  at("plane").addEventListener("pointerup", () => {
    held = null;
    remember();
  });
  at("plane").addEventListener("dblclick", () => { state.window = null; remember(); refresh(false); });
  at("plane").addEventListener("wheel", (/** @type {WheelEvent} */ event) => {
    if (!place) return;
    event.preventDefault();
    const [x, y] = under(event);
    const factor = event.deltaY > 0 ? 1.15 : 1 / 1.15;
    const [x0, x1, y0, y1] = place.window;
    state.window = [x + (x0 - x) * factor, x + (x1 - x) * factor, y + (y0 - y) * factor, y + (y1 - y) * factor];
    refresh(true);
  }, { passive: false });
  at("plane").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
    const move = moves[event.key];
    if (!move || !place) return;
    event.preventDefault();
    const base = state.start ?? described.start;
    const [x0, x1, y0, y1] = place.window;
    begin(base[state.pair[0]] + move[0] * 0.02 * (x1 - x0), base[state.pair[1]] + move[1] * 0.02 * (y1 - y0));
  });
  at("undo").addEventListener("click", () => {
    if (past.length < 2) return;
    future.push(/** @type {string} */ (past.pop()));
    restore(past[past.length - 1]);
  });
  at("redo").addEventListener("click", () => {
    const next = future.pop();
    if (!next) return;
    past.push(next);
    restore(next);
  });
  at("save").addEventListener("change", () => {
    const format = at("save").value;
    at("save").value = "";
    if (format) save(format);
  });
  at("theme").addEventListener("click", () => setTheme(!document.documentElement.classList.contains("dark")));
  at("editor").addEventListener("input", () => {
    state.text = at("editor").value;
    Object.assign(state, { start: null });
    channels.describe.ask(problemAsWritten());
  });
  at("editor").addEventListener("change", remember);
  for (const id of ["across", "up"]) {
    at(id).addEventListener("change", () => {
      const [across, up] = [Number(at("across").value), Number(at("up").value)];
      if (across === up) return;
      state.pair = [across, up];
      state.window = null;
      remember();
      refresh(false);
    });
  }
  for (const id of ["along", "from", "to"]) at(id).addEventListener("change", () => refresh(false));
  at("learn-ep").addEventListener("click", () => learn(false));
  at("learn-gradient").addEventListener("click", () => learn(true));
  at("file").addEventListener("change", () => openFile(at("file").files[0]));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    openFile(event.dataTransfer?.files[0]);
  });
  addEventListener("resize", draw);
}

/** @param {boolean} dark */
function setTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
  at("theme").textContent = dark ? "Light" : "Dark";
  draw();
}

async function start() {
  for (const part of PARTS) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.id = `show-${part}`;
    box.checked = true;
    box.addEventListener("change", () => refresh(false));
    label.append(box, ` ${part.replace("_", " ")}`);
    at("shown").append(label);
  }
  listen();
  buildDials();
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  history.replaceState(null, "", "/");
  // the program ends when no tab holds this line open
  new EventSource("api/alive");
  const { first, examples } = await (await post("start", {})).json();
  at("example").replaceChildren(...examples.map((/** @type {any} */ example, /** @type {number} */ k) =>
    new Option(example.name, String(k))));
  at("example").addEventListener("change", () => {
    const example = examples[Number(at("example").value)];
    open(example.text, example.about);
  });
  if (first) {
    at("example").prepend(new Option(first.name, "first"));
    at("example").value = "first";
    open(first.text, first.name);
  } else open(examples[0].text, examples[0].about);
}

start().catch((error) => say(String(error)));
