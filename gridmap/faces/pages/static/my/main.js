// /my, the phone of a grid member: puts the parts together and draws what is known.
import { dueText, el, fill } from "../common.js";
import { cases, clear, data, mine, refresh } from "./data.js";
import * as datumcheck from "./datumcheck.js";
import { makeMap, phoneMark, pointMarks } from "./map.js";
import { checked, follow, here, problem, watch } from "./position.js";
import { begin, draw as drawQueue, queue, sendNow, toast } from "./queue.js";
import * as report from "./report.js";
import * as rounds from "./rounds.js";
import { card, categoryName, order, saying, sentRow, sorted } from "./tasks.js";
import * as work from "./work.js";
import { lang, moment, translate, words } from "./words.js";

const AGAIN = 5 * 60_000;
const find = (id) => document.getElementById(id);
let overview = null, drawnFor = null, noWorker = false;

function show() {
  const ready = Boolean(data.me) && !data.signedOut;
  document.body.dataset.state = data.signedOut ? "signed_out" : data.me ? "ready" : "empty";
  find("who").textContent = data.me?.title ?? "";
  find("net").textContent = data.online ? words.my_online : words.my_offline;
  find("net").dataset.online = data.online;
  for (const id of ["new-report", "new-work"]) find(id).disabled = !ready;
  const waiting = queue.entries.length, refused = queue.entries.filter((each) => each.state === "refused").length;
  find("open-queue").dataset.refused = refused > 0;
  find("queue-number").textContent = waiting;
  find("send-now").disabled = !waiting || data.signedOut;
  drawQueue(find("entries"));
  find("sign-out").querySelector("button").disabled = !data.online;
  notices();
  if (ready) {
    map();
    tasks();
  }
}

function notices() {
  const refused = queue.entries.filter((each) => each.state === "refused").length;
  const list = [];
  const say = (name, text, label, go) => list.push(el("p", { class: `notice ${name}` }, el("span", {}, text),
    label ? (typeof go === "string" ? el("a", { class: "button", href: go }, label) : el("button", { type: "button", onclick: go }, label)) : null));
  if (data.signedOut) say("strong", queue.entries.length ? fill(words.my_sign_in_queue, { number: queue.entries.length }) : words.my_sign_in_first,
    words.my_sign_in, "/sign-in?next=%2Fmy");
  if (refused) say("strong", fill(words.my_some_refused, { number: refused }), words.my_look, () => openQueue());
  if (data.problem) say("strong", data.problem);
  if (noWorker) say("", words.my_no_worker);
  if (!data.online && data.me) say("", fill(words.my_as_of, { moment: moment(data.at) }));
  if (!data.online && !data.me && !data.signedOut) say("strong", words.my_first_online);
  if (data.me && here.problem) say("", problem());
  else if (data.me && !checked()) say("", words.my_datum_please, words.my_datum_check, () => datumcheck.open());
  const text = list.map((each) => each.textContent).join();
  if (find("notices").textContent !== text || !text) find("notices").replaceChildren(...list); // said once to a screen reader
}

function map() {
  const key = JSON.stringify([data.me.name, data.areas.map((area) => area.id), data.at?.slice(0, 13), data.buildings.length, Boolean(data.ground)]);
  if (drawnFor === key) return;
  drawnFor = key;
  overview?.map.remove();
  listed = ""; // its points are to be put on the new map
  const drawn = makeMap(find("map"), data);
  overview = { map: drawn.map, phone: phoneMark(drawn.map), points: pointMarks(drawn.map) };
  overview.phone(here.point, here.reading?.accuracy);
}

// Drawn anew only when something in it is another: a finger or a screen reader may be on it.
let listed = "";
function tasks() {
  const [own, others] = sorted();
  const round = rounds.due();
  const told = JSON.stringify([own, others, round, data.details, data.sent, queue.entries.map((each) => [each.number, each.state]), order.by,
    Math.floor(Date.now() / 60_000), here.point?.map((value) => value.toFixed(4))]);
  if (told === listed) return;
  listed = told;
  const focus = document.activeElement?.closest("[data-case]")?.id;
  let number = 0;
  const points = [];
  const fillList = (list, members) => list.replaceChildren(...members.map((each) => {
    number += 1;
    if (each.wgs84) points.push({ number, at: each.wgs84, mine: mine(each).length > 0, title: `${number} ${categoryName(each.category)}`,
      late: each.next?.due ? dueText(each.next.due, words, lang).late : each.overdue, go: () => goTo(each.id) });
    return card(each, number, (...step) => saying(find("answer"), ...step));
  }));
  fillList(find("mine"), own);
  fillList(find("others"), others);
  find("mine-number").textContent = own.length;
  find("others-number").textContent = others.length;
  find("sent").replaceChildren(...data.sent.map(sentRow));
  find("sent-number").textContent = data.sent.length;
  find("sent-section").hidden = data.sent.length === 0;
  find("rounds").replaceChildren(...round.map(rounds.row));
  find("rounds-number").textContent = round.length;
  find("rounds-section").hidden = round.length === 0;
  find("nothing").hidden = own.length > 0;
  find("others-section").hidden = others.length === 0;
  for (const button of document.querySelectorAll("[data-order]")) button.setAttribute("aria-pressed", String(button.dataset.order === order.by));
  overview?.points(points);
  if (focus) find(focus)?.querySelector("button, a")?.focus();
}

function goTo(id) {
  const item = find(`case-${id}`);
  item.closest("details")?.setAttribute("open", "");
  item.scrollIntoView({ behavior: "smooth", block: "center" });
  item.classList.add("found");
  setTimeout(() => item.classList.remove("found"), 2000);
}

function openQueue() {
  drawQueue(find("entries"));
  find("queue").showModal();
}

async function sent() {
  toast(words.my_was_sent);
  if (!data.me || data.signedOut) return;
  data.online = true;
  await cases().catch(() => {});
  show();
}

let renewing = null;
function renew() {
  renewing ??= (async () => {
    await refresh(show);
    if (queue.entries.length && !data.signedOut) await sendNow();
  })().finally(() => { renewing = null; });
  return renewing;
}

function install() {
  find("new-report").addEventListener("click", () => report.open());
  find("new-work").addEventListener("click", work.open);
  find("open-queue").addEventListener("click", openQueue);
  find("send-now").addEventListener("click", sendNow);
  find("check-datum").addEventListener("click", datumcheck.open);
  for (const button of document.querySelectorAll("[data-order]")) button.addEventListener("click", () => { order.by = button.dataset.order; show(); });
  for (const button of document.querySelectorAll("dialog .close")) button.addEventListener("click", () => button.closest("dialog").close());
  document.addEventListener("click", (event) => {
    if (data.online || !event.target.closest?.(".tasks a")) return;
    event.preventDefault();
    toast(words.my_needs_network);
  });
  find("sign-out").addEventListener("submit", async (event) => {
    event.preventDefault();
    await clear(); // what is kept of the district and the cases leaves the phone with its reader; the queue stays
    event.target.submit();
  });
  window.addEventListener("online", async () => {
    await renewing?.catch(() => {}); // what is under way may have begun without a network, and end so
    renew();
  });
  window.addEventListener("offline", () => { data.online = false; show(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) renew(); });
  setInterval(() => { if (!document.hidden) renew(); }, AGAIN);
}

async function start() {
  translate();
  for (const part of [report, work, datumcheck]) part.install();
  install();
  await begin(show, sent);
  follow(({ point, reading }) => {
    overview?.phone(point, reading?.accuracy);
    notices();
    if (document.body.dataset.state === "ready") tasks();
  });
  watch();
  renew();
  // what the worker fetches does not stand in the way of the first look
  await new Promise((resolve) => { document.readyState === "complete" ? resolve() : window.addEventListener("load", resolve); });
  if (window.isSecureContext) {
    noWorker = !(await navigator.serviceWorker?.register("/my-worker.js", { type: "module", scope: "/my" }).catch(() => null));
    notices();
  }
}

start();
