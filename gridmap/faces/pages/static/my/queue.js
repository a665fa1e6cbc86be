// The queue as the page handles it: putting in, sending when it can be, and showing what waits and why.
import { el, fill, refusal } from "../common.js";
import { data, signedOut } from "./data.js";
import { change, enqueue, queued, unqueue } from "./store.js";
import { hear, send, TAG } from "./sending.js";
import { moment, words } from "./words.js";

export const queue = { entries: [], sending: null };
const KINDS = { report: "my_kind_report", work: "my_kind_work", move: "my_kind_move", round: "my_kind_round" };
const ICONS = { report: "报", work: "工", move: "办", round: "查" };
let show = () => {}, sent = () => {};

// `showing` draws the page anew; `after` hears of each entry that was sent.
export async function begin(showing, after) {
  show = showing;
  sent = after;
  hear(async (what) => {
    queue.sending = what.sending ?? null;
    await read();
    if (what.sent !== undefined) sent(what);
  });
  await read();
}

export async function read() {
  queue.entries = await queued();
  show();
}

// Into the queue, and off at once where that goes. Resolved when it is on the disk.
export async function put(kind, title, path, body, extra = {}, draft = "") {
  await enqueue({ account: data.me.name, who: data.me.title, kind, title, path, body: JSON.stringify(body),
    at: new Date().toISOString(), photos: [], state: "waiting", tried: false, ...extra }, draft);
  navigator.storage?.persist?.(); // so that a full phone does not clear it away
  toast(words.my_was_queued);
  await read();
  sendNow();
}

let clearing;
export function toast(text) {
  document.getElementById("toast").textContent = text;
  clearTimeout(clearing);
  clearing = setTimeout(() => { document.getElementById("toast").textContent = ""; }, 2500);
}

// Also without a page: the browser wakes the worker when the network is back, where it can do that.
export async function sendNow() {
  const how = await send();
  queue.sending = null;
  if (how === "signed_out") await signedOut();
  if (how === "later") {
    data.online = false;
    const worker = await navigator.serviceWorker?.getRegistration("/my");
    await worker?.sync?.register(TAG).catch(() => {});
  }
  await read();
  return how;
}

// What waits for a case, in order: [{move, details}] of moves that have not been answered.
export const waitingMoves = (id) => queue.entries.filter((each) => each.kind === "move" && each.case === id && each.state === "waiting")
  .map((each) => JSON.parse(each.body));

// Inspections that have not been answered: {plan, target, …}.
export const waitingRounds = () => queue.entries.filter((each) => each.kind === "round" && each.state === "waiting")
  .map((each) => JSON.parse(each.body));

function state(entry) {
  if (entry.state === "refused") return words.my_refused;
  if (queue.sending === entry.number) return words.my_sending;
  if (data.signedOut || !data.me) return words.my_waits_sign_in;
  if (entry.account !== data.me.name) return fill(words.my_waits_other, { who: entry.who });
  if (entry.done !== undefined) return fill(words.my_waits_photos, { number: entry.photos.length });
  return data.online ? words.my_waits_turn : words.my_waits_network;
}

function row(entry) {
  const refused = entry.state === "refused";
  const time = moment(entry.at);
  // of another account only that something waits: what it says is theirs
  const own = !data.me || entry.account === data.me.name;
  const photos = entry.photos.length ? ` · ${fill(words.my_photos_number, { number: entry.photos.length })}` : "";
  return el("li", { class: `entry ${entry.state}`, "data-number": entry.number, "data-state": entry.state },
    el("span", { class: `sort ${entry.kind}`, "aria-hidden": "true" }, ICONS[entry.kind]),
    el("div", {},
      el("b", {}, own && data.me ? entry.title : words[KINDS[entry.kind]]), el("span", { class: "quiet" }, ` ${time}${photos}`),
      el("p", { class: "state" }, state(entry)),
      refused ? el("p", { class: "sentence" }, (entry.done !== undefined ? `${words.my_photo_refused} ` : "") +
        refusal(words, entry.said.status, { detail: entry.said.sentence, ...entry.said })) : null,
      refused && own && data.me ? el("div", { class: "pair" },
        el("button", { type: "button", class: "plain", onclick: () => again(entry) }, words.my_try_again),
        el("button", { type: "button", class: "plain", onclick: () => dismiss(entry) }, words.my_dismiss)) : null));
}

async function again(entry) {
  await change(entry.number, { state: "waiting" });
  await sendNow();
}

async function dismiss(entry) {
  await unqueue(entry.number);
  await read();
}

// Drawn anew only when something in it is another: a finger may be on it.
let drawn = "";
export function draw(list) {
  const told = JSON.stringify([queue.sending, data.online, data.signedOut, data.me?.name, queue.entries.map((each) =>
    [each.number, each.state, each.said, each.done, each.photos.length])]);
  if (told === drawn) return;
  drawn = told;
  list.replaceChildren(...(queue.entries.length ? queue.entries.map(row) : [el("li", { class: "quiet" }, words.my_queue_empty)]));
}
