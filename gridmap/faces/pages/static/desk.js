// The inbox as it lives: the server's own drawing put in place of what is shown whenever cases change, and one
// move made for many. Everything shown is text; nothing is HTML. What the list is stands in the address alone.
import { fill, mending, refusal } from "./common.js";

const AT_MOST_EVERY = 1500, POLL = 30000;
const desk = document.getElementById("desk"), words = JSON.parse(desk.dataset.words);
const bulk = document.getElementById("bulk"), note = document.getElementById("bulk-note");
const state = document.getElementById("live-state"), told = document.getElementById("told");
const chosen = new Map(); // case -> the seq that was shown when it was chosen
const outcomes = new Map(); // case -> [text, refused]
const proposals = new Map(); // case@seq -> text
const rows = () => [...document.querySelectorAll("#live tr[data-case]")];
const numbers = () =>
  new Map([...document.querySelectorAll("#numbers [data-key]")].map((a) => [a.dataset.key, a.querySelector("b").textContent]));

// ---- the list, drawn anew

let drawing = false, again = false, drawnAt = Date.now();
const PARTS = ["numbers", "live"];
const part = (name) => document.getElementById(name);
const drawn = new Map(PARTS.map((name) => [name, part(name).innerHTML]));

async function renew() {
  if (drawing || document.hidden) return void (again = true);
  drawing = true;
  again = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) return void lost(words.said_signed_out);
    if (!answer.ok) return;
    put(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    lost(words.live_lost);
  } finally {
    drawnAt = Date.now();
    setTimeout(() => { drawing = false; if (again) renew(); }, AT_MOST_EVERY);
  }
}

function put(page) {
  const before = numbers(), focused = place(document.activeElement);
  for (const name of PARTS) {
    const fresh = page.getElementById(name);
    if (!fresh || fresh.innerHTML === drawn.get(name)) continue;
    drawn.set(name, fresh.innerHTML);
    part(name).replaceChildren(...fresh.childNodes);
  }
  prepare();
  if (focused && document.activeElement === document.body) document.querySelector(focused)?.focus({ preventScroll: true });
  const now = numbers(), changed = [...now].filter(([key, value]) => before.get(key) !== value);
  for (const [key] of changed) document.querySelector(`#numbers [data-key="${key}"]`).classList.add("changed");
  if (changed.length) told.textContent = fill(words.live_told, Object.fromEntries(now));
}

// where the keyboard was: by what stays the same when the list is drawn anew
function place(element) {
  const row = element.closest("tr[data-case]");
  if (row) return `#${CSS.escape(row.id)} ${element.matches("input") ? "input" : "a"}`;
  return element.dataset.key ? `#numbers [data-key="${element.dataset.key}"]` : null;
}

function prepare() {
  for (const row of rows()) {
    const box = row.querySelector(".choose input");
    box.hidden = !row.dataset.moves;
    box.checked = chosen.has(row.dataset.case);
    row.classList.toggle("chosen", box.checked);
    if (outcomes.has(row.dataset.case)) say(row, ...outcomes.get(row.dataset.case));
  }
  const all = document.getElementById("choose-all");
  if (all) all.hidden = !rows().some((row) => row.dataset.moves);
  count();
}

function say(row, text, look) {
  const place = row.querySelector(".outcome");
  place.textContent = text;
  place.hidden = !text;
  place.className = "outcome " + (look || "");
}

// ---- news

function follow() {
  if (!window.EventSource) return void setInterval(renew, POLL);
  const source = new EventSource(desk.dataset.changes);
  source.addEventListener("changed", () => { on(); renew(); });
  source.onopen = on;
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return; // it comes again by itself
    lost(words.live_lost);
    setTimeout(() => { follow(); renew(); }, POLL);
  };
  addEventListener("pagehide", () => source.close(), { once: true });
}

function on() {
  state.textContent = words.live_now;
  state.className = "live";
  state.hidden = false;
}
function lost(text) {
  state.textContent = text;
  state.className = "live lost";
  state.hidden = false;
}
document.addEventListener("visibilitychange", () => { if (!document.hidden && (again || Date.now() - drawnAt > POLL)) renew(); });

// ---- one move for many

function choose(row, is) {
  if (is && row.dataset.moves) chosen.set(row.dataset.case, Number(row.dataset.seq));
  else chosen.delete(row.dataset.case);
  outcomes.delete(row.dataset.case);
  say(row, "");
  row.classList.toggle("chosen", is);
  row.querySelector(".choose input").checked = chosen.has(row.dataset.case);
}

const fits = (move) => rows().filter((row) => chosen.has(row.dataset.case) && row.dataset.moves.split(" ").includes(move));

function count() {
  bulk.hidden = !chosen.size;
  if (!chosen.size) return;
  document.getElementById("bulk-count").textContent = fill(words.bulk_chosen, { n: chosen.size });
  const menu = bulk.elements.move;
  for (const option of menu.options) {
    const n = fits(option.value).length;
    option.disabled = option.hidden = !n;
    option.textContent = n === chosen.size ? option.dataset.name : fill(words.bulk_fit, { move: option.dataset.name, n });
  }
  if (menu.selectedOptions[0]?.disabled !== false) {
    const best = [...menu.options].sort((a, b) => fits(b.value).length - fits(a.value).length)[0];
    menu.value = best.value;
  }
  shape();
}

function shape() {
  const option = bulk.elements.move.selectedOptions[0];
  if (!option) return;
  bulk.elements.reason.required = option.dataset.reason === "yes";
  const dispatching = option.value === "dispatch", unfit = chosen.size - fits(option.value).length;
  document.getElementById("bulk-to").hidden = !dispatching;
  note.textContent = unfit ? fill(words.bulk_unfit, { n: unfit }) : "";
  for (const row of rows()) if (row.querySelector(".outcome.proposal")) say(row, "");
  if (dispatching && !bulk.elements.to.value) propose();
}

// whom the rules would send each to
async function propose() {
  const wanted = fits("dispatch"), key = (row) => row.dataset.case + "@" + row.dataset.seq;
  const missing = wanted.filter((row) => !proposals.has(key(row)));
  if (missing.length) {
    try {
      const query = new URLSearchParams({ cases: missing.map((row) => row.dataset.case).join(",") });
      const answer = await fetch("/api/v1/routes?" + query);
      if (!answer.ok) return;
      const found = new Map((await answer.json()).items.map((each) => [each.id, each]));
      for (const row of missing) {
        const one = found.get(row.dataset.case);
        if (one) proposals.set(key(row), one.problem ? words.proposal_none + ": " + mending(words, one.problem.status, one.problem) : names(one));
      }
    } catch {
      return;
    }
  }
  if (bulk.elements.move.value !== "dispatch" || bulk.elements.to.value) return;
  for (const row of fits("dispatch")) if (proposals.has(key(row))) say(row, proposals.get(key(row)), "proposal");
}

function names(route) {
  const english = desk.dataset.lang === "en";
  const said = route.recipients.map((each) => (english ? each.name_en : each.name)).join(english ? ", " : "、");
  return fill(words.proposal, { names: said });
}

async function move(event) {
  event.preventDefault();
  const form = bulk.elements, button = bulk.querySelector("button[type=submit]");
  if (form.reason.required && !form.reason.value.trim()) return void (note.textContent = words.bulk_needs);
  const body = {
    move: form.move.value,
    reason: form.reason.value.trim(),
    cases: [...chosen].map(([id, seq]) => ({ id, seq })),
  };
  if (body.move === "dispatch" && form.to.value) body.details = { tasks: [{ recipient: form.to.value }] };
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/cases/moves", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (!answer.ok) return void (note.textContent = refusal(words, answer.status, said));
    for (const each of said.items) {
      outcomes.set(each.id, each.moved
        ? [words.bulk_moved, ""]
        : [words.bulk_refused + " · " + refusal(words, each.problem.status, each.problem), "refused"]);
      if (each.moved) chosen.delete(each.id);
    }
    const line = fill(words.bulk_done, { moved: said.moved, refused: said.items.length - said.moved });
    form.reason.value = "";
    prepare();
    await renew();
    note.textContent = told.textContent = line;
  } catch {
    note.textContent = words.said_lost;
  } finally {
    button.disabled = false;
  }
}

document.getElementById("live").addEventListener("change", (event) => {
  if (event.target.id === "choose-all") for (const row of rows()) choose(row, event.target.checked);
  else if (event.target.matches(".choose input")) choose(event.target.closest("tr"), event.target.checked);
  else return;
  count();
});
document.getElementById("bulk-none").addEventListener("click", () => {
  for (const row of rows()) choose(row, false);
  chosen.clear();
  count();
});
bulk.elements.move.addEventListener("change", shape);
bulk.elements.to.addEventListener("change", shape);
bulk.addEventListener("submit", move);
if (matchMedia("(max-width: 860px)").matches) document.getElementById("refine").open = false;
const filters = document.getElementById("filters");
filters.addEventListener("change", () => filters.requestSubmit());
filters.addEventListener("submit", () => {
  for (const field of filters.elements) if (field.name && !field.value) field.disabled = true; // short addresses
});
prepare();
follow();
