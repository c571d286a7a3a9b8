// Asks the API again and again while somebody looks, and draws what it tells.

import { byId, time } from "./dom.js";
import { drawCharts, drawMove, pill } from "./move.js";
import { drawComparisons, drawComponents, drawDecisions, drawLetters, drawValidation } from "./details.js";

const EVERY = 2000;
const SELDOM = 15000;
const LONGEST_WAIT = 30000;
const KEY = "nljctl-token";
const MOST_SAMPLES = 1800;

const page = { samples: [], status: null, seldom: 0, failures: 0, timer: 0, last: 0, decisions: 0, drawn: {} };

class NotAllowed extends Error {}

async function ask(path) {
  const token = sessionStorage.getItem(KEY);
  const answer = await fetch(`api/migration/${path}`, { headers: token ? { authorization: `Bearer ${token}` } : {}, cache: "no-store" });
  const body = await answer.json();
  if (answer.status === 401 || answer.status === 403) throw new NotAllowed(body.error.message);
  return body;
}

async function look() {
  clearTimeout(page.timer);
  try {
    const since = page.samples.length ? `?since=${encodeURIComponent(page.samples[page.samples.length - 1].at)}` : "";
    const status = await ask(`status${since}`);
    if (status.error) throw new Error(status.error.message);
    byId("door").hidden = true;
    byId("content").hidden = false;
    byId("forget").hidden = !sessionStorage.getItem(KEY);
    take(status);
    await lookSeldom(status);
    page.failures = 0;
    page.last = Date.now();
    say("");
  } catch (problem) {
    if (problem instanceof NotAllowed) {
      knock(problem.message);
      return;
    }
    page.failures += 1;
    say(`The API does not answer (${problem.message}). What you see is the last it told; it is asked again.`);
  }
  if (!document.hidden) page.timer = setTimeout(look, Math.min(LONGEST_WAIT, EVERY * 2 ** Math.min(page.failures, 4)));
  beat();
}

function take(status) {
  page.status = status;
  page.samples = [...page.samples, ...status.samples].slice(-MOST_SAMPLES);
  drawMove(status);
  drawCharts(status, page.samples);
  whenChanged("validation", status.validation && { ...status.validation, live: null }, () => drawValidation(status.validation));
  whenChanged("components", [status.services, status.health.components, status.profiles], () => drawComponents(status));
  whenChanged("decisions", status.history, () => drawDecisions(status.history));
}

// What is drawn again loses its selection and its place: only what says something new is.
function whenChanged(name, facts, draw) {
  const text = JSON.stringify(facts);
  if (page.drawn[name] === text) return;
  page.drawn[name] = text;
  draw();
}

// Comparisons and dead letters change seldom, and cost more: asked for now and then, and at once after a decision.
async function lookSeldom(status) {
  if (Date.now() - page.seldom < SELDOM && page.decisions === status.history.length) return;
  page.seldom = Date.now();
  page.decisions = status.history.length;
  const [comparisons, letters] = await Promise.all([ask("comparisons?limit=8"), ask("dead-letters?limit=8")]);
  if (!comparisons.error) whenChanged("comparisons", comparisons, () => drawComparisons(comparisons.comparisons));
  drawLetters(letters);
}

function say(text) {
  const notice = byId("notice");
  const shown = text || (page.status && page.status.why ? `Not everything is known: ${page.status.why}` : "");
  if (notice.textContent !== shown) notice.textContent = shown;
  notice.hidden = !shown;
}

function beat() {
  const node = byId("beat");
  const late = page.failures > 0;
  node.dataset.state = late ? "late" : page.last ? "live" : "";
  node.lastElementChild.textContent = late ? "no answer" : page.last ? "live" : "connecting";
  byId("stamp").textContent = page.status ? `As of ${time(page.status.at)}. Times are UTC.` : "";
}

function knock(why) {
  const wrong = byId("door-wrong");
  const had = sessionStorage.getItem(KEY) !== null;
  sessionStorage.removeItem(KEY);
  byId("content").hidden = true;
  byId("forget").hidden = true;
  byId("door").hidden = false;
  wrong.hidden = !had;
  wrong.textContent = had ? `That did not open it: ${why}.` : "";
  pill(byId("health"), "locked", "none");
  byId("beat").lastElementChild.textContent = "waiting for a token";
  byId("token").focus();
}

byId("door-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const token = byId("token").value.trim();
  if (!/^[\x21-\x7e]+$/.test(token)) {
    byId("door-wrong").hidden = false;
    byId("door-wrong").textContent = "That is no token: it has characters that none has.";
    return;
  }
  sessionStorage.setItem(KEY, token);
  byId("token").value = "";
  page.seldom = 0;
  look();
});

byId("forget").addEventListener("click", () => {
  sessionStorage.removeItem(KEY);
  page.samples = [];
  page.seldom = 0;
  look();
});

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(page.timer) : look()));
addEventListener("resize", () => page.status && drawCharts(page.status, page.samples));

look();
