// @ts-check
// The small panels: time, spectrum, updates, branch, learning curve.

import { axes, line, short, surface } from "./plane.js";

/** @param {number[]} values @returns {[number, number]} */
function span(values) {
  const finite = values.filter(Number.isFinite);
  let low = Math.min(...finite);
  let high = Math.max(...finite);
  // what is constant but for rounding is shown as such
  if (!(high - low > 1e-9 * (1 + Math.abs(high)))) [low, high] = [(low || 0) - 1, (high || 0) + 1];
  const room = 0.06 * (high - low);
  return [low - room, high + room];
}

/** @param {HTMLCanvasElement} canvas @param {any} shown @param {string[]} names */
export function drawTime(canvas, shown, names) {
  const on = surface(canvas);
  const { pen, colour } = on;
  const most = Math.min(6, names.length);
  const values = shown.state.flatMap((/** @type {number[]} */ s) => s.slice(0, most));
  const end = shown.time[shown.time.length - 1] || 1;
  const { frame, across, up } = axes(on, [0, end, ...span(values)], "time", "state");
  const colours = ["first", "second", "third", "fourth", "ink", "muted"];
  for (let i = 0; i < most; i += 1) {
    pen.strokeStyle = colour(colours[i]);
    pen.lineWidth = 1.6;
    line(pen, shown.time.map((/** @type {number} */ t, /** @type {number} */ k) =>
      [across(t), up(shown.state[k][i])]));
    pen.fillStyle = colour(colours[i]);
    pen.textAlign = "left";
    pen.fillText(names[i], frame.left + 6 + 34 * i, frame.top + 13);
  }
  if (shown.switch < shown.time.length) {
    pen.strokeStyle = colour("muted");
    pen.setLineDash([3, 3]);
    const x = across(shown.time[shown.switch]);
    line(pen, [[x, frame.top], [x, frame.bottom]]);
    pen.setLineDash([]);
  }
}

/** @param {HTMLCanvasElement} canvas @param {number[][]} eigenvalues */
export function drawSpectrum(canvas, eigenvalues) {
  const on = surface(canvas);
  const { pen, colour } = on;
  const re = eigenvalues.map((value) => value[0]);
  const im = eigenvalues.map((value) => value[1]);
  const { frame, across, up } =
    axes(on, [...span([...re, 0.2]), ...span([...im, 0.5, -0.5])], "real part", "imaginary part");
  pen.strokeStyle = colour("muted");
  pen.setLineDash([3, 3]);
  line(pen, [[across(0), frame.top], [across(0), frame.bottom]]);
  pen.setLineDash([]);
  for (const [x, y] of eigenvalues) {
    pen.fillStyle = colour(x < 0 ? "first" : "second");
    pen.beginPath();
    pen.arc(across(x), up(y), 4, 0, 2 * Math.PI);
    pen.fill();
  }
}

/** Numbers of all blocks in one list, with their names.
 * @param {any} blocks @returns {{name: string, value: number}[]} */
export function flatten(blocks) {
  /** @type {{name: string, value: number}[]} */
  const out = [];
  /** @param {any} value @param {string} name */
  const walk = (value, name) => {
    if (Array.isArray(value)) value.forEach((inner, k) => walk(inner, `${name}[${k}]`));
    else if (value !== null && typeof value === "object") {
      for (const key of Object.keys(value)) walk(value[key], key);
    } else out.push({ name, value });
  };
  for (const name of Object.keys(blocks)) walk(blocks[name], name);
  return out;
}

/** @param {HTMLCanvasElement} canvas @param {any} report */
export function drawBars(canvas, report) {
  const on = surface(canvas);
  const { pen, colour, width } = on;
  const update = flatten(report.ep_update);
  const gradient = flatten(report.negative_gradient);
  const most = Math.min(update.length, Math.floor((width - 60) / 9));
  const values = [...update, ...gradient].map((entry) => entry.value);
  const [low, high] = span([...values, 0]);
  // room for the names of the two
  const above = high + 0.3 * (high - low);
  const { frame, across, up } = axes(on, [-0.5, most - 0.5, low, above],
    `parameter (${most} of ${update.length})`, "update");
  const bar = Math.max(2, (across(1) - across(0)) * 0.36);
  for (let k = 0; k < most; k += 1) {
    for (const [entry, name, side] of /** @type {const} */ ([[update[k], "first", -1], [gradient[k], "second", 0]])) {
      pen.fillStyle = colour(name);
      const top = Math.min(up(0), up(entry.value));
      pen.fillRect(across(k) + side * bar, top, bar, Math.abs(up(entry.value) - up(0)));
    }
  }
  pen.textAlign = "left";
  pen.fillStyle = colour("first");
  pen.fillText("EP", frame.left + 6, frame.top + 13);
  pen.fillStyle = colour("second");
  pen.fillText("−gradient", frame.left + 30, frame.top + 13);
}

/** @param {HTMLCanvasElement} canvas @param {any} record @param {string[]} names */
export function drawStrip(canvas, record, names) {
  const on = surface(canvas);
  const { pen, colour } = on;
  const component = record.component;
  const states = record.branches.flatMap((/** @type {any} */ branch) =>
    branch.state.map((/** @type {number[]} */ s) => s[component]));
  const { across, up } = axes(on, [record.range[0], record.range[1], ...span(states)], record.parameter, names[component]);
  for (const branch of record.branches) {
    for (let k = 1; k < branch.parameter.length; k += 1) {
      const stable = branch.unstable[k] === 0 && branch.unstable[k - 1] === 0;
      pen.strokeStyle = colour(stable ? "first" : "second");
      pen.lineWidth = stable ? 2 : 1.2;
      line(pen, [k - 1, k].map((j) => [across(branch.parameter[j]), up(branch.state[j][component])]));
    }
  }
  for (const event of record.events) {
    pen.fillStyle = colour("ink");
    pen.beginPath();
    pen.arc(across(event.parameter), up(event.state[component]), 4, 0, 2 * Math.PI);
    pen.fill();
  }
}

/** @param {HTMLCanvasElement} canvas @param {number[]} cost */
export function drawCurve(canvas, cost) {
  const on = surface(canvas);
  const { across, up } = axes(on, [0, Math.max(1, cost.length - 1), ...span([...cost, 0])], "step", "cost");
  on.pen.strokeStyle = on.colour("first");
  on.pen.lineWidth = 2;
  line(on.pen, cost.map((value, k) => [across(k), up(value)]));
}

/** @param {any} report @param {any} measured @returns {[string, string][]} */
export function numbers(report, measured) {
  /** @param {number | null | undefined} value @param {string} unit */
  const text = (value, unit = "") => (value === null || value === undefined ? "not defined" : short(value) + unit);
  /** @type {[string, string][]} */
  const rows = [
    ["angle, EP to gradient", text(report.angle_degrees, "°")],
    ["relative error", text(report.relative_error)],
    ["largest over all targets", text(report.error_bound)],
    ["descent certificate", text(report.descent_certificate)],
    ["cost", text(report.cost)],
    ["asymmetry of the Jacobian", text(report.jacobian_asymmetry)],
  ];
  if (measured?.error) rows.push(["measured at β", measured.error]);
  else if (measured) {
    rows.push(["angle measured at β", text(measured.angle_degrees, "°")]);
    if (measured.jumped?.length) rows.push(["measured at β", "the nudged state jumped to another branch"]);
  }
  return rows;
}
