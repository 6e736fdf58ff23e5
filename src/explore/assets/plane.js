// @ts-check
// The phase plane: drawn from the numbers of a portrait.

/**
 * A canvas at the screen's resolution, its colours, and a frame with axes.
 * @param {HTMLCanvasElement} canvas
 */
export function surface(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.font = "12px system-ui, sans-serif";
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  return { pen, width, height, colour };
}

/**
 * Round numbers between two ends.
 * @param {number} low @param {number} high @param {number} most
 */
export function ticks(low, high, most) {
  const raw = (high - low) / Math.max(1, most);
  if (!(raw > 0) || !Number.isFinite(raw)) return [];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((step) => step >= raw) ?? raw;
  const out = [];
  const first = Math.ceil(low / step);
  for (let k = 0; k <= most + 1 && (first + k) * step <= high + 1e-9 * step; k += 1) out.push((first + k) * step);
  return out;
}

/** @param {number} value */
export const short = (value) => String(Number(value.toPrecision(4)));

/**
 * Axes around a frame; answers with the maps from numbers to places.
 * @param {ReturnType<typeof surface>} on
 * @param {[number, number, number, number]} window
 * @param {string} xLabel @param {string} yLabel
 */
export function axes(on, window, xLabel, yLabel) {
  const { pen, width, height, colour } = on;
  const frame = { left: 48, right: width - 8, top: 8, bottom: height - 34 };
  const [x0, x1, y0, y1] = window;
  /** @param {number} x */
  const across = (x) => frame.left + ((x - x0) / (x1 - x0)) * (frame.right - frame.left);
  /** @param {number} y */
  const up = (y) => frame.bottom - ((y - y0) / (y1 - y0)) * (frame.bottom - frame.top);
  pen.strokeStyle = colour("ink");
  pen.fillStyle = colour("ink");
  pen.lineWidth = 1;
  pen.strokeRect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
  pen.textAlign = "center";
  for (const x of ticks(x0, x1, (frame.right - frame.left) / 70)) {
    line(pen, [[across(x), frame.bottom], [across(x), frame.bottom + 4]]);
    pen.fillText(short(x), across(x), frame.bottom + 16);
  }
  pen.fillText(xLabel, (frame.left + frame.right) / 2, height - 4);
  pen.textAlign = "right";
  for (const y of ticks(y0, y1, (frame.bottom - frame.top) / 40)) {
    line(pen, [[frame.left - 4, up(y)], [frame.left, up(y)]]);
    pen.fillText(short(y), frame.left - 6, up(y) + 4);
  }
  pen.save();
  pen.translate(11, (frame.top + frame.bottom) / 2);
  pen.rotate(-Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(yLabel, 0, 0);
  pen.restore();
  return { frame, across, up };
}

/** @param {CanvasRenderingContext2D} pen @param {number[][]} points */
export function line(pen, points) {
  pen.beginPath();
  points.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.stroke();
}

const BASINS = ["first", "second", "third", "fourth"];

/**
 * @param {HTMLCanvasElement} canvas
 * @param {any} portrait
 * @param {{time: number[], state: number[][], switch: number} | null} trajectory
 * @param {[number, number]} pair  the coordinates shown
 * @param {string[]} names
 */
export function drawPlane(canvas, portrait, trajectory, pair, names) {
  const on = surface(canvas);
  const { pen, colour } = on;
  const window = /** @type {[number, number, number, number]} */ (
    [...portrait.window.x, ...portrait.window.y]);
  const { frame, across, up } = axes(on, window, names[pair[0]], names[pair[1]]);
  pen.save();
  pen.beginPath();
  pen.rect(frame.left, frame.top, frame.right - frame.left, frame.bottom - frame.top);
  pen.clip();
  const free = portrait.fields[0];
  if (free.basins) drawBasins(pen, free.basins, across, up, colour);
  /** @param {{x: number[], y: number[]}} curve */
  const curve = (curve) => line(pen, curve.x.map((x, k) => [across(x), up(curve.y[k])]));
  pen.strokeStyle = colour("muted");
  pen.fillStyle = colour("muted");
  pen.lineWidth = 0.9;
  for (const stream of free.streamlines) {
    curve(stream);
    arrow(pen, stream, across, up);
  }
  portrait.fields.forEach((/** @type {any} */ field, /** @type {number} */ k) => {
    pen.setLineDash(k ? [5, 4] : []);
    pen.lineWidth = 1.6;
    field.nullclines.forEach((/** @type {any[]} */ branches, /** @type {number} */ axis) => {
      pen.strokeStyle = colour(axis ? "second" : "first");
      branches.forEach(curve);
    });
    pen.setLineDash([]);
    pen.strokeStyle = colour("third");
    for (const cycle of field.cycles) { pen.lineWidth = 2.2; curve(cycle.curve); }
    for (const manifold of field.manifolds) {
      pen.lineWidth = 1.2;
      pen.setLineDash(manifold.stable ? [2, 3] : []);
      pen.strokeStyle = colour("fourth");
      curve(manifold.curve);
      pen.setLineDash([]);
    }
  });
  for (const path of portrait.paths) {
    pen.strokeStyle = colour("fourth");
    pen.lineWidth = 1.4;
    curve(path.curve);
  }
  if (trajectory) {
    const points = trajectory.state.map((s) => [across(s[pair[0]]), up(s[pair[1]])]);
    pen.lineWidth = 2.4;
    pen.strokeStyle = colour("ink");
    line(pen, points.slice(0, trajectory.switch));
    pen.strokeStyle = colour("third");
    line(pen, points.slice(Math.max(0, trajectory.switch - 1)));
    if (points.length) {
      pen.fillStyle = colour("ink");
      pen.fillRect(points[0][0] - 4, points[0][1] - 4, 8, 8);
    }
  }
  portrait.fields.forEach((/** @type {any} */ field, /** @type {number} */ k) => {
    for (const point of field.fixed_points) drawPoint(pen, point, k > 0, across, up, colour);
  });
  pen.restore();
  return { frame, window };
}

/** @param {CanvasRenderingContext2D} pen @param {any} point @param {boolean} nudged
 *  @param {(x: number) => number} across @param {(y: number) => number} up
 *  @param {(name: string) => string} colour */
function drawPoint(pen, point, nudged, across, up, colour) {
  const [x, y] = [across(point.state[0]), up(point.state[1])];
  const stable = point.kind.startsWith("stable");
  pen.beginPath();
  if (point.kind === "saddle") {
    pen.moveTo(x, y - 6); pen.lineTo(x + 6, y); pen.lineTo(x, y + 6); pen.lineTo(x - 6, y);
    pen.closePath();
  } else {
    pen.arc(x, y, 5.2, 0, 2 * Math.PI);
  }
  pen.lineWidth = 2;
  pen.strokeStyle = colour(nudged ? "third" : "ink");
  pen.fillStyle = stable ? colour(nudged ? "third" : "ink") : colour("page");
  pen.fill();
  pen.stroke();
}

/** @param {CanvasRenderingContext2D} pen @param {{x: number[], y: number[]}} stream
 *  @param {(x: number) => number} across @param {(y: number) => number} up */
function arrow(pen, stream, across, up) {
  const k = Math.floor(stream.x.length / 2);
  if (k < 1) return;
  const [x, y] = [across(stream.x[k]), up(stream.y[k])];
  const angle = Math.atan2(y - up(stream.y[k - 1]), x - across(stream.x[k - 1]));
  pen.save();
  pen.translate(x, y);
  pen.rotate(angle);
  pen.beginPath();
  pen.moveTo(4, 0); pen.lineTo(-3, 3); pen.lineTo(-3, -3);
  pen.fill();
  pen.restore();
}

/** One pixel a cell, stretched over the window.
 *  @param {CanvasRenderingContext2D} pen @param {any} basins
 *  @param {(x: number) => number} across @param {(y: number) => number} up
 *  @param {(name: string) => string} colour */
function drawBasins(pen, basins, across, up, colour) {
  if (new Set(basins.class).size < 2) return;
  const side = basins.side;
  const cells = document.createElement("canvas");
  [cells.width, cells.height] = [side, side];
  const image = new ImageData(side, side);
  const colours = BASINS.map((name) => parseInt(colour(name).slice(1), 16));
  basins.class.forEach((/** @type {number} */ kind, /** @type {number} */ k) => {
    if (kind >= 65535) return;
    const shade = colours[kind % colours.length];
    // rows are listed from below
    const at = 4 * ((side - 1 - Math.floor(k / side)) * side + (k % side));
    image.data.set([shade >> 16, (shade >> 8) & 255, shade & 255, 42], at);
  });
  cells.getContext("2d")?.putImageData(image, 0, 0);
  const [left, top] = [across(basins.x[0]), up(basins.y[1])];
  pen.imageSmoothingEnabled = false;
  pen.drawImage(cells, left, top, across(basins.x[1]) - left, up(basins.y[0]) - top);
}
