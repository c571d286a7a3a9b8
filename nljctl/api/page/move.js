// The upper half of the page: where the move is, the figures, and the three charts.

import { byId, count, decimal, el } from "./dom.js";
import { lines } from "./charts.js";

const STEPS = [
  ["legacy", "Legacy only"],
  ["parallel", "Parallel"],
  ["shifting", "Shifting"],
  ["cut-over", "Cut over"],
  ["legacy-removed", "Legacy removed"],
];
const SENTENCES = {
  legacy: "Legacy applies every effect; faststream has not begun to read along.",
  parallel: "Both read. Legacy applies every effect, faststream applies them to its shadow.",
  shifting: "Both read, and share the effects.",
  "cut-over": "Faststream applies every effect. Legacy is stopped, and kept for the way back.",
  "rolled-back": "Rolled back: legacy applies every effect again.",
  "legacy-removed": "Faststream applies every effect. Legacy is gone.",
};
const KINDS = { healthy: "good", degraded: "fair", unhealthy: "bad" };

export function drawMove(status) {
  const owned = status.ownership;
  pill(byId("health"), status.health.status, KINDS[status.health.status]);
  byId("sentence").textContent = owned.state ? `${SENTENCES[owned.state]} ${owned.reads ? `Analytics read ${owned.reads}` : "What analytics read is not known"}; epoch ${owned.epoch}.` : status.why || "Nothing is set up yet.";
  steps(owned.state);
  share(owned.share);
  figures(status);
  document.title = owned.state ? `${owned.state} ${owned.share} % · nljctl` : "nljctl · migration";
}

export function pill(node, word, kind) {
  node.textContent = word;
  node.dataset.kind = kind ?? "none";
}

function steps(state) {
  const back = state === "rolled-back";
  const present = STEPS.findIndex(([name]) => name === (back ? "legacy" : state));
  byId("steps").replaceChildren(
    ...STEPS.map(([, label], index) => {
      const here = index === present;
      const node = el("li", { "aria-current": here ? "step" : null }, here && back ? "Rolled back" : label);
      node.dataset.step = here ? (back ? "back" : "present") : index < present ? "past" : "future";
      return node;
    }),
  );
}

function share(percent) {
  const bar = byId("share-bar");
  const known = percent !== null && percent !== undefined;
  byId("legacy-share").textContent = known ? `${100 - percent} %` : "–";
  byId("faststream-share").textContent = known ? `${percent} %` : "–";
  bar.setAttribute("aria-label", known ? `legacy owns ${100 - percent} percent of the effects, faststream ${percent} percent` : "unknown");
  bar.querySelector(".legacy").style.flexGrow = known ? 100 - percent : 0;
  bar.querySelector(".faststream").style.flexGrow = known ? percent : 0;
}

function figures(status) {
  const validation = status.validation;
  const failed = validation ? validation.failed_validations : null;
  const filling = (status.backfill ?? []).reduce((sum, each) => sum + each.to - each.done, 0);
  const shown = [
    ["lag of legacy", count(status.lag.legacy), status.lag.legacy > 1000 ? "fair" : ""],
    ["lag of faststream", count(status.lag.faststream), status.lag.faststream > 1000 ? "fair" : ""],
    ["records judged", count(validation?.total_validations)],
    ["valid or repaired", validation ? `${decimal(validation.success_rate)} %` : "–", validation && validation.success_rate < 95 ? "fair" : ""],
    ["rejected", count(failed), failed > 0 ? "fair" : ""],
    ["events that wait for a parent", count(status.parked), status.parked > 0 ? "fair" : ""],
    ["to be filled in", count(status.backfill ? filling : null), filling > 0 ? "fair" : ""],
  ];
  if (status.ownership.owner_running === false) shown.unshift(["owner of effects", "not running", "bad"]);
  byId("figures").replaceChildren(...shown.map(([label, value, kind]) => el("div", { class: kind || null }, el("dt", {}, label), el("dd", {}, value))));
}

export function drawCharts(status, samples) {
  const at = (each) => new Date(each.at).getTime();
  lines(byId("lag-chart"), {
    series: ["legacy", "faststream"].map((name) => ({ name, kind: name, points: samples.map((each) => [at(each), each.lag[name]]) })),
    empty: "Neither pipeline has read anything yet.",
  });
  lines(byId("rate-chart"), {
    series: [{ name: "faststream", kind: "faststream", points: samples.map((each) => [at(each), each.per_second]) }],
    empty: "The faststream consumer does not run, or its address is not known here.",
  });
  const steps = status.history.map((each) => [at(each), each.share]);
  if (steps.length) steps.push([new Date(status.at).getTime(), steps[steps.length - 1][1]]);
  lines(byId("share-chart"), { series: [{ name: "faststream's share", kind: "faststream", points: steps }], step: true, top: 100, unit: " %", empty: "No decision yet: run nljctl setup." });
}
