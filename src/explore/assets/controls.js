// @ts-check
// Dials: a slider with a number beside it, both for the same value.

/**
 * @param {HTMLElement} place
 * @param {{label: string, low: number, high: number, value: number}} dial
 * @param {(value: number, done: boolean) => void} moved
 */
export function dial(place, { label, low, high, value }, moved) {
  const row = document.createElement("label");
  row.className = "dial";
  const name = document.createElement("span");
  name.textContent = label;
  const range = document.createElement("input");
  range.type = "range";
  range.setAttribute("aria-label", label);
  [range.min, range.max, range.step] = [String(low), String(high), "any"];
  const number = document.createElement("input");
  number.type = "number";
  number.step = "any";
  number.setAttribute("aria-label", `${label}, exactly`);
  /** @param {number} value */
  const show = (value) => {
    range.value = String(value);
    number.value = String(Number(value.toPrecision(6)));
  };
  show(value);
  range.addEventListener("input", () => {
    number.value = String(Number(Number(range.value).toPrecision(6)));
    moved(Number(number.value), false);
  });
  range.addEventListener("change", () => moved(Number(number.value), true));
  number.addEventListener("change", () => {
    const value = Number(number.value);
    if (number.value === "" || !Number.isFinite(value)) return;
    range.min = String(Math.min(Number(range.min), value));
    range.max = String(Math.max(Number(range.max), value));
    range.value = String(value);
    moved(value, true);
  });
  row.append(name, range, number);
  place.append(row);
  return show;
}

/** @param {any} document @param {string} pointer @param {number} value */
export function assign(document, pointer, value) {
  const parts = pointer.split("/").slice(1);
  let place = document;
  for (const part of parts.slice(0, -1)) place = place[part];
  place[parts[parts.length - 1]] = value;
}
