// Today's list: what waits for me, then what else is under way in my grids; by deadline or by distance.
import { dueText, el, fill } from "../common.js";
import { data, mine } from "./data.js";
import { metres } from "./datum.js";
import { here } from "./position.js";
import { put, waitingMoves } from "./queue.js";
import { called, codes, lang, moment, titled, words } from "./words.js";

const NEVER = "9999";
const DISPATCHER = "role:office"; // who is to name somebody else, which is done at the desk
const HANDLES_ALONE = ["member", "community"]; // as the table of moves says
export const order = { by: "deadline" };

export const categoryName = (code) => titled(data.categories.find((each) => each.code === code) ?? { name: code });
const where = (each) => (each.building ?? each.compound ?? each.grid ?? each.community)?.name ?? "";
const far = (each) => (here.point && each.wgs84 ? metres(here.point, each.wgs84) : null);
const length = (m) => m < 1000 ? `${Math.max(10, Math.round(m / 10) * 10)} m` : `${(m / 1000).toFixed(1)} km`;

// [those that wait for me, the others], each in the order that is wanted
export function sorted() {
  const key = order.by === "distance" && here.point
    ? (each) => far(each) ?? Infinity
    : (each) => Date.parse(each.next?.due ?? NEVER);
  const all = [...data.cases].sort((a, b) => key(a) - key(b));
  return [all.filter((each) => mine(each).length), all.filter((each) => !mine(each).length)];
}

// What I can do with a case now, the usual first: [{move, recipient}]. Moves that wait count as made.
function steps(each) {
  const waiting = waitingMoves(each.id);
  const made = (move, recipient) => waiting.some((one) => one.move === move && one.details.recipient === recipient);
  if (["collected", "filed"].includes(each.state))
    return !made("self_handle") && data.me.case_roles?.some((role) => HANDLES_ALONE.includes(role)) ? [{ move: "self_handle" }] : [];
  if (!["dispatched", "handling"].includes(each.state)) return [];
  for (const recipient of mine(each)) {
    if (recipient === DISPATCHER || made("answer", recipient) || made("return", recipient)) continue;
    const task = data.details[each.id]?.tasks.find((one) => one.recipient === recipient);
    const taken = task ? task.acknowledged_at !== null : each.state === "handling";
    return [{ recipient, move: taken || made("acknowledge", recipient) ? "answer" : "acknowledge" }, { recipient, move: "return" }];
  }
  return [];
}

const LOOKS = { acknowledge: "primary", answer: "accent" };
const labelled = (name) => ({ acknowledge: words.my_acknowledge, answer: words.my_answer })[name] ?? called("moves", name);
function button(each, { move: name, recipient }, onwords) {
  const go = name === "acknowledge" ? () => move(each, name, { recipient }, "") : () => onwords(each, name, recipient);
  return el("button", { type: "button", class: LOOKS[name] ?? "plain", "data-move": name, onclick: go },
    labelled(name));
}

export function card(each, number, onwords) {
  const due = each.next?.due ? dueText(each.next.due, words, lang) : null;
  const late = due?.late ?? each.overdue;
  const distance = far(each);
  const waiting = waitingMoves(each.id);
  const said = data.details[each.id]?.words;
  return el("li", { class: `task${late ? " late" : ""}`, id: `case-${each.id}`, "data-case": each.id },
    el("span", { class: `number${mine(each).length ? " mine" : ""}${late ? " late" : ""}`, "aria-hidden": "true" }, number),
    el("div", { class: "what" },
      el("h3", {}, categoryName(each.category), each.supervised ? el("span", { class: "tag" }, words.my_supervised) : null),
      el("p", { class: "quiet" }, [where(each), called("states", each.state)].filter(Boolean).join(" · ")),
      said ? el("p", { class: "said" }, said) : null,
      el("p", { class: "when" },
        due ? el("b", { class: late ? "late" : "" }, `${called("milestones", each.next.milestone)} ${due.text}`) : null,
        distance === null ? null : el("span", { class: "distance" }, length(distance))),
      waiting.length ? el("p", { class: "waits" },
        fill(words.my_move_waits, { move: waiting.map((one) => called("moves", one.move)).join("、") })) : null,
      el("div", { class: "pair" },
        steps(each).map((step) => button(each, step, onwords)),
        el("a", { class: "plain", href: `/cases/${each.id}` }, words.my_details))));
}

// A report of mine and what came of it: that it was received, or the last that was done with its case.
export function sentRow(each) {
  const last = each.told.at(-1);
  const said = last ? words[`notice_${last.kind}`] : words.my_received;
  return el("li", { "data-report": each.id },
    el("b", {}, categoryName(each.category)), ` ${each.description}`,
    el("p", { class: "quiet" }, `${moment(each.occurred_at)} · `, el("span", { class: "came" }, said), last ? ` ${moment(last.at)}` : ""));
}

// `seq` is what we knew of the case; the service decides by how it stands when this arrives.
function move(each, name, details, reason) {
  const title = `${called("moves", name)} · ${categoryName(each.category)}`;
  return put("move", title, `/api/v1/cases/${each.id}/moves`, { move: name, details, reason }, { case: each.id, seq: each.seq });
}

// The sheet of a move that wants words. Of an answer they may be left out: one of four findings sends it.
export function saying(dialog, each, name, recipient) {
  const text = el("textarea", { rows: 3, maxlength: 2000, "aria-label": words.my_words,
    placeholder: name === "answer" ? words.my_answer_hint : words.my_reason_hint });
  const send = async (finding) => {
    const reason = text.value.trim() || (finding ? called("findings", finding) : "");
    if (!reason) return text.focus();
    await move(each, name, { ...(recipient && { recipient }), ...(finding && { finding }) }, reason);
    dialog.close();
  };
  const sending = (label, look, finding) =>
    el("button", { type: "button", class: look, "data-finding": finding, onclick: () => send(finding) }, label);
  const choices = name === "answer" ? codes("findings").map((finding) => sending(called("findings", finding), `finding ${finding}`, finding))
    : [sending(called("moves", name), "accent")];
  dialog.querySelector("h2").textContent = labelled(name);
  dialog.querySelector(".body").replaceChildren(
    el("p", {}, el("b", {}, categoryName(each.category)), ` ${where(each)}`), text, el("div", { class: "findings" }, choices));
  dialog.showModal();
}
