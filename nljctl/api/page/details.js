// The lower half of the page: comparisons, validation, dead letters, decisions, components.

import { ago, byId, count, decimal, el, time } from "./dom.js";

const KINDS = { same: "good", explained: "fair", differs: "bad", healthy: "good", degraded: "fair", unhealthy: "bad", running: "good", exited: "bad", starting: "fair" };
const HELD = ["duplicate", "reassigned"];
const FAULTS = ["missing", "altered", "unexplained", "extra"];
const ORDER = ["k-stored", "k-held", "k-lacks", "k-fault"];
const BESIDE_THE_LOG = ["extra", "expired"];

const tag = (word) => el("span", { class: "tag", "data-kind": KINDS[word] ?? "none" }, word);

export function drawComparisons(found) {
  const open = new Set([...document.querySelectorAll(".comparison[open]")].map((node) => node.dataset.id));
  const box = byId("comparisons");
  if (!found.length) {
    box.replaceChildren(el("p", { class: "empty" }, "None yet. ", el("code", {}, "nljctl compare-legacy"), " makes one, and it appears here."));
    return;
  }
  box.replaceChildren(...found.map((each, index) => comparison(each, open.size ? open.has(each.id) : index === 0)));
}

function comparison(each, open) {
  const differences = each.difference_counts ?? { explained: 0, unexplained: 0 };
  const title = el("summary", {}, tag(each.verdict), el("b", {}, `${count(each.log.records)} records`), el("span", {}, `${count(differences.unexplained)} unexplained, ${count(differences.explained)} explained differences`), el("span", { class: "soft" }, `${time(each.at)} · took ${decimal(each.seconds)} s`));
  const body = el("div", { class: "body" }, ...["faststream", "legacy"].map((side) => outcomes(side, each.ledger[side], each.log.records)), legend(), figures(each.analytics), listed(each.differences), el("p", { class: "soft evidence" }, "Evidence: ", el("code", {}, each.evidence)));
  const node = el("details", { class: "comparison", open }, title, body);
  node.dataset.id = each.id;
  return node;
}

const kindOf = (name) => (name === "stored" ? "k-stored" : FAULTS.includes(name) ? "k-fault" : HELD.includes(name) ? "k-held" : "k-lacks");

function outcomes(side, classes, records) {
  const shown = Object.entries(classes)
    .filter(([name, number]) => number > 0 && !BESIDE_THE_LOG.includes(name))
    .sort(([one], [other]) => ORDER.indexOf(kindOf(one)) - ORDER.indexOf(kindOf(other)));
  const words = shown.map(([name, number]) => `${count(number)} ${name.replaceAll("_", " ")}`).join(", ");
  const bar = el("div", { class: "outcome-bar", role: "img", "aria-label": `${side}: ${words}` });
  for (const [name, number] of shown) {
    const part = el("i", { class: kindOf(name), title: `${name.replaceAll("_", " ")}: ${count(number)}` });
    part.style.flexGrow = number / Math.max(1, records);
    bar.append(part);
  }
  return el("div", { class: "outcomes" }, el("b", {}, side), bar, el("span"), el("span", { class: "soft" }, words));
}

function legend() {
  const kinds = [["k-stored", "stored"], ["k-held", "held in another way"], ["k-lacks", "not held, with a reason"], ["k-fault", "a fault"]];
  return el("div", { class: "legend" }, kinds.map(([kind, label]) => el("span", {}, el("i", { class: `key ${kind}` }), label)));
}

// The platform's figures, computed from the log and from both indices.
function figures(analytics) {
  const rows = Object.entries(analytics ?? {}).map(([metric, of]) => [metric.replaceAll("_", " "), ...["log", "legacy", "faststream"].map((side) => el("span", { class: "number" }, count(of[side]))), tag(of.status)]);
  return rows.length ? el("div", {}, el("h3", {}, "Analytics"), table(["figure", "from the log", "legacy", "faststream", ""], rows)) : null;
}

function listed(differences) {
  if (!differences?.length) return null;
  const rows = differences.map((each) => [each.side, each.class?.replaceAll("_", " "), where(each), each.reason ?? ""]);
  return el("div", {}, el("h3", {}, "Differences, unexplained first"), table(["side", "class", "where", "reason"], rows));
}

const where = (each) => (each.topic ? el("code", {}, `${each.topic}/${each.partition}@${each.offset}`) : el("code", {}, each.id ?? ""));

function table(heads, rows) {
  return el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": heads.join(", ") },
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows.map((row) => el("tr", {}, row.map((cell) => el("td", {}, cell ?? "")))))));
}

function bars(rows, kind) {
  const most = Math.max(1, ...rows.map(([, value]) => value));
  return el("dl", { class: "bars" }, rows.flatMap(([label, value]) => {
    const bar = el("i");
    bar.style.width = `${(100 * value) / most}%`;
    return [el("dt", {}, label.replaceAll("_", " ")), el("div", { class: `bar ${kind}` }, bar), el("dd", {}, count(value))];
  }));
}

export function drawValidation(validation) {
  const box = byId("validation");
  if (!validation || !validation.total_validations) {
    byId("validation-sentence").textContent = "";
    box.replaceChildren(el("p", { class: "empty" }, "Nothing has been judged yet."));
    return;
  }
  byId("validation-sentence").textContent = `${count(validation.successful_validations)} of ${count(validation.total_validations)} accepted, ${count(validation.repaired_validations)} of them repaired`;
  const parts = [["What was refused, by rule", validation.by_rule, "bad"], ["What was repaired", validation.by_repair, "fair"], ["What became of the records", validation.by_outcome, ""]];
  box.replaceChildren(...parts.filter(([, counts]) => Object.keys(counts).length).flatMap(([label, counts, kind]) => [el("h3", {}, label), bars(Object.entries(counts).slice(0, 8), kind)]));
}

export function drawLetters(found) {
  const box = byId("letters");
  if (found.error) {
    byId("letters-sentence").textContent = "";
    box.replaceChildren(el("p", { class: "empty" }, `${found.error.message}. ${found.error.hint}`));
    return;
  }
  byId("letters-sentence").textContent = `${count(found.count)} in all; the newest ${Math.min(found.items.length, 8)}`;
  if (!found.count) {
    byId("letters-sentence").textContent = "";
    box.replaceChildren(el("p", { class: "empty" }, "None: every record could be stored."));
    return;
  }
  const rows = found.items.slice(0, 8).map((each) => [tag(each.reason), where(each), el("code", { title: each.value ?? "" }, each.rule || ""), el("span", { class: "when", title: time(each.at) }, ago(each.at))]);
  box.replaceChildren(bars(Object.entries(found.by_reason), "bad"), el("h3", {}, "Newest"), table(["reason", "where", "rule", "when"], rows));
}

export function drawDecisions(history) {
  const rows = [...history].reverse().slice(0, 12);
  byId("decisions").replaceChildren(...rows.map((each) => el("li", {}, el("span", { class: "share" }, `${each.share} %`), el("div", {}, el("b", {}, each.kind), ` · ${each.state}`, el("small", {}, `${time(each.at)}, by ${each.by}: ${each.reason}`)))));
}

export function drawComponents(status) {
  const components = Object.entries(status.health.components).filter(([, each]) => each.status !== "not_expected");
  byId("runtime").textContent = `runtime ${status.runtime}${status.profiles.length ? `, profiles ${status.profiles.join(" and ")}` : ""}`;
  const parts = [table(["component", "status", "what it says"], components.map(([name, each]) => [name.replaceAll("_", " "), tag(each.status), each.detail]))];
  if (status.services.length) parts.push(el("h3", {}, "Services"), table(["service", "state", "answers at"], status.services.map((each) => [each.name, tag(each.state === "running" && each.health ? each.health : each.state), el("code", {}, each.endpoint ?? "")])));
  byId("components").replaceChildren(...parts);
}
