// What I am to inspect: one tap when all is well, two when it is not (the second is the report); into the queue.
import { el, fill } from "../common.js";
import { data, today } from "./data.js";
import { metres } from "./datum.js";
import { here } from "./position.js";
import { put, waitingRounds } from "./queue.js";
import * as report from "./report.js";
import { order } from "./tasks.js";
import { words } from "./words.js";

const DAY = 86_400_000;
const key = (each) => `${each.plan.code}/${each.target.code}`;
const far = (each) => (here.point ? metres(here.point, each.target.wgs84) : 0);

// What is due and not waiting to be sent; in the order of the list of cases.
export function due() {
  const waiting = new Set(waitingRounds().map(({ plan, target }) => `${plan}/${target}`));
  const left = data.rounds.filter((each) => !waiting.has(key(each)));
  return order.by === "distance" && here.point ? left.sort((a, b) => far(a) - far(b)) : left;
}

function since(each) {
  if (!each.due) return words.my_round_never;
  const days = Math.round((Date.parse(today()) - Date.parse(each.due)) / DAY);
  return days > 0 ? fill(words.my_round_over, { number: days }) : words.my_round_today;
}

export function row(each) {
  return el("li", { class: "round", "data-round": key(each) },
    el("div", { class: "what" },
      el("h3", {}, each.target.name || each.target.code),
      el("p", { class: "quiet" }, [each.plan.name, each.target.grid?.name, since(each)].filter(Boolean).join(" · "))),
    el("div", { class: "pair" },
      el("button", { type: "button", class: "primary", onclick: () => done(each, false) }, words.my_round_well),
      el("button", { type: "button", class: "plain", onclick: () => trouble(each) }, words.my_round_trouble)));
}

function done(each, found) {
  const body = { plan: each.plan.code, target: each.target.code, inspected_on: today(), trouble: found };
  return put("round", `${each.plan.name} · ${each.target.name || each.target.code}`, "/api/v1/inspections", body);
}

// Both are wanted: that it was looked at, and a report that somebody answers for.
async function trouble(each) {
  await done(each, true);
  report.open({ category: each.plan.category, words: `${each.plan.name}：${each.target.name || each.target.code} `, at: each.target.wgs84 });
}
