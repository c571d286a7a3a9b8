// Line charts as SVG: axes with round numbers, a cross-hair that tells values, and the same in words for who cannot see them.

import { el, svg, count } from "./dom.js";

const HEIGHT = 190;
const GAP = 30000;
const EDGE = { left: 52, right: 12, top: 8, bottom: 24 };

// series: [{name, kind, points: [[milliseconds, value or null]]}]; step: values hold until the next point; top: a fixed upper end.
export function lines(box, { series, step = false, top = null, unit = "", empty }) {
  const drawn = series.map((each) => ({ ...each, points: each.points.filter(([, value]) => value !== null && value !== undefined) }));
  const all = drawn.flatMap((each) => each.points);
  if (!all.length) {
    box.replaceChildren(el("p", { class: "empty" }, empty));
    return;
  }
  const width = Math.max(280, box.clientWidth);
  const from = Math.min(...all.map(([at]) => at));
  const to = Math.max(from + 1000, ...all.map(([at]) => at));
  const ticks = roundTicks(top ?? Math.max(4, ...all.map(([, value]) => value)));
  const highest = ticks[ticks.length - 1];
  const x = (at) => EDGE.left + ((at - from) / (to - from)) * (width - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - (value / highest) * (HEIGHT - EDGE.top - EDGE.bottom);
  const said = drawn.filter((each) => each.points.length).map((each) => `${each.name} ${count(each.points[each.points.length - 1][1])}${unit}`);
  const picture = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, role: "img", "aria-label": `Now: ${said.join(", ")}.` });
  for (const tick of ticks) {
    picture.append(svg("line", { class: "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }));
    picture.append(svg("text", { class: "label", x: EDGE.left - 8, y: y(tick) + 4, "text-anchor": "end" }, `${short(tick)}${unit}`));
  }
  const marks = Math.max(2, Math.min(5, Math.floor(width / 160)));
  for (let mark = 0; mark < marks; mark += 1) {
    const at = from + ((to - from) * mark) / (marks - 1);
    const anchor = mark === 0 ? "start" : mark === marks - 1 ? "end" : "middle";
    picture.append(svg("text", { class: "label", x: x(at), y: HEIGHT - 6, "text-anchor": anchor }, clock(at, to - from)));
  }
  for (const { kind, points } of drawn) {
    if (!points.length) continue;
    const last = points[points.length - 1];
    for (const part of step ? [points] : unbroken(points)) {
      const path = part.map(([at, value], index) => (index === 0 ? `M${x(at)} ${y(value)}` : step ? `H${x(at)}V${y(value)}` : `L${x(at)} ${y(value)}`)).join("");
      if (part.length === 1) picture.append(svg("circle", { class: `dot ${kind}`, cx: x(part[0][0]), cy: y(part[0][1]), r: 1.5 }));
      picture.append(svg("path", { class: `area ${kind}`, d: `${path}V${y(0)}H${x(part[0][0])}Z` }), svg("path", { class: `line ${kind}`, d: path }));
    }
    picture.append(svg("circle", { class: `dot ${kind}`, cx: x(last[0]), cy: y(last[1]), r: 3.5 }));
  }
  const legend = el("div", { class: "legend" }, drawn.map((each) => el("span", {}, el("i", { class: `key ${each.kind}` }), `${each.name} `, el("b", {}, latest(each, unit)))));
  box.replaceChildren(legend, picture);
  follow(box, picture, drawn, { x, from, to, width, step, unit });
}

// While nobody looked there are no samples, and no line may pretend that there were.
function unbroken(points) {
  const parts = [];
  points.forEach((point, index) => (index && point[0] - points[index - 1][0] <= GAP ? parts[parts.length - 1].push(point) : parts.push([point])));
  return parts;
}

function latest(each, unit) {
  return each.points.length ? `${count(Math.round(each.points[each.points.length - 1][1]))}${unit}` : "never ran";
}

function follow(box, picture, drawn, { x, from, to, width, step, unit }) {
  const cross = svg("line", { class: "cross", y1: EDGE.top, y2: HEIGHT - EDGE.bottom, visibility: "hidden" });
  const tip = el("div", { class: "tip", hidden: true });
  picture.append(cross);
  box.append(tip);
  picture.addEventListener("pointermove", (event) => {
    const frame = picture.getBoundingClientRect();
    const place = ((event.clientX - frame.left) / frame.width) * width;
    const at = Math.min(to, Math.max(from, from + ((place - EDGE.left) / (width - EDGE.left - EDGE.right)) * (to - from)));
    cross.setAttribute("x1", x(at));
    cross.setAttribute("x2", x(at));
    cross.setAttribute("visibility", "visible");
    tip.hidden = false;
    tip.textContent = [clock(at, 0), ...drawn.filter((each) => each.points.length).map((each) => `${each.name} ${count(Math.round(valueAt(each.points, at, step)))}${unit}`)].join("  ·  ");
    tip.style.left = `${Math.min(Math.max(0, event.clientX - frame.left - tip.offsetWidth / 2), Math.max(0, frame.width - tip.offsetWidth))}px`;
  });
  picture.addEventListener("pointerleave", () => {
    tip.hidden = true;
    cross.setAttribute("visibility", "hidden");
  });
}

// The last value up to a time, or, between samples, the nearer one.
function valueAt(points, at, step) {
  const after = points.findIndex(([when]) => when > at);
  if (after === -1) return points[points.length - 1][1];
  if (after === 0) return points[0][1];
  return step || at - points[after - 1][0] < points[after][0] - at ? points[after - 1][1] : points[after][1];
}

export function roundTicks(highest) {
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const size = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const whole = Math.max(size, highest >= 4 ? 1 : size);
  return Array.from({ length: Math.ceil(highest / whole - 1e-9) + 1 }, (_, index) => Number((index * whole).toPrecision(6)));
}

function short(value) {
  return value >= 1e6 ? `${value / 1e6}M` : value >= 1e4 ? `${value / 1e3}k` : String(value);
}

function clock(at, span) {
  const text = new Date(at).toISOString();
  return span > 172800000 ? text.slice(0, 10) : span > 7200000 ? text.slice(11, 16) : text.slice(11, 19);
}
