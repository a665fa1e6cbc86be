// The forms of a case: each sends one move with the last one that was seen, and says what would be right when it
// is refused. Photos of its reports; news that it has changed. Everything shown is text; nothing is HTML.
import { fill, mending, refusal } from "./common.js";

const page = document.getElementById("case"), words = JSON.parse(page.dataset.words);
const id = page.dataset.case, english = page.dataset.lang === "en";
const told = document.getElementById("told");
const listed = (names) => names.join(english ? ", " : "、");

async function send(form, address, body) {
  const place = form.querySelector(".refusal"), button = form.querySelector("button[type=submit]");
  place.textContent = "";
  button.disabled = true;
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (answer.ok) return void location.reload();
    place.textContent = refusal(words, answer.status, await answer.json());
  } catch {
    place.textContent = words.said_lost;
  }
  button.disabled = false;
}

function details(form) {
  const said = {}, fields = form.elements;
  if (fields.recipient) said.recipient = fields.recipient.value;
  if (fields.finding) said.finding = fields.finding.value;
  if (fields.amount) said[fields.unit.value] = Number(fields.amount.value);
  if (fields.into) said.into = fields.into.value.trim().split(/[?#]/)[0].split("/").pop();
  if (fields.how && fields.how.value === "named")
    said.tasks = [...fields.tasks.selectedOptions].map((option) => ({ recipient: option.value }));
  return said;
}

for (const form of document.querySelectorAll("form[data-move]"))
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = { move: form.dataset.move, reason: form.elements.reason.value.trim(), details: details(form) };
    send(form, `/api/v1/cases/${id}/moves`, { ...body, seq: Number(page.dataset.seq) });
  });

const correction = document.querySelector("form[data-correct]");
let point = null;
if (correction) {
  const box = correction.elements.point, chosen = correction.querySelector(".chosen");
  box?.addEventListener("change", () => {
    gridmap.caseMap?.choose(box.checked ? take : null);
    if (!box.checked) point = null;
    chosen.textContent = box.checked ? words.point_first : "";
    if (box.checked) document.getElementById("case-map").scrollIntoView({ block: "nearest" });
  });
  const take = (lat, lon, datum) => {
    point = { lon, lat, datum };
    chosen.textContent = fill(words.point_chosen, { lat: lat.toFixed(6), lon: lon.toFixed(6) });
  };
  correction.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = correction.elements, body = { reason: fields.reason.value.trim() };
    if (fields.category.value) body.category = fields.category.value;
    if (point) body.location = point;
    send(correction, `/api/v1/reports/${fields.report.value}/corrections`, body);
  });
}

// whom the rules would send it to: asked for when the form is opened
const dispatching = document.querySelector('details[data-act="dispatch"]');
dispatching?.addEventListener("toggle", propose);
if (dispatching?.open) propose(); // before this was read
async function propose() {
  const place = dispatching.querySelector(".proposal");
  if (!dispatching.open || !place || place.textContent) return;
  try {
    const answer = await fetch("/api/v1/routes?" + new URLSearchParams({ cases: id }));
    const route = answer.ok && (await answer.json()).items[0];
    if (!route) return;
    if (route.problem) return void (place.textContent = words.proposal_none + ": " + mending(words, route.problem.status, route.problem));
    const names = listed(route.recipients.map((each) => (english ? each.name_en : each.name)));
    place.textContent = fill(words.proposal, { names }) + " · " + fill(words.by_rule, { rule: route.rule });
  } catch {
    place.textContent = words.said_lost;
  }
}
dispatching?.querySelector("select").addEventListener("change", () => {
  dispatching.querySelector('input[value="named"]').checked = true;
});

for (const button of document.querySelectorAll("button[data-into]"))
  button.addEventListener("click", () => {
    const form = document.querySelector('form[data-move="merge"]');
    form.closest("details").open = true;
    form.elements.into.value = button.dataset.into;
    form.elements.reason.focus();
  });

// photos, as far as there are any
for (const article of document.querySelectorAll("article[data-report]")) photos(article);
async function photos(article) {
  try {
    const answer = await fetch(`/api/v1/reports/${article.dataset.report}/photos`);
    if (!answer.ok) return;
    const list = article.querySelector(".photos");
    for (const [index, photo] of (await answer.json()).items.entries()) {
      const image = document.createElement("img"), link = document.createElement("a"), item = document.createElement("li");
      image.src = `/api/v1/photos/${photo.id}?size=small`;
      image.alt = fill(words.photo_of, { n: index + 1 });
      image.loading = "lazy";
      link.href = `/api/v1/photos/${photo.id}`;
      link.append(image);
      item.append(link);
      list.append(item);
    }
    list.hidden = !list.children.length;
  } catch {
    // without a network there are no photos to be shown
  }
}

// news: a page on which nothing is being written is drawn anew, else it is only said
let seen = Number(page.dataset.seq);
async function look() {
  try {
    const answer = await fetch(`/api/v1/cases/${id}`);
    if (!answer.ok) return;
    const now = (await answer.json()).seq;
    if (now === seen) return;
    seen = now;
    if (document.querySelector("details.act[open]")) told.textContent = words.case_changed;
    else location.reload();
  } catch {
    // the next change tells again
  }
}
if (window.EventSource) {
  const source = new EventSource(page.dataset.changes);
  source.addEventListener("changed", look);
  addEventListener("pagehide", () => source.close(), { once: true });
}
