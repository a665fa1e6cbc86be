// What several pages need: elements without innerHTML, asking the service, and when something is due.

// Text from data only ever goes through here, as a text node.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined).map((child) =>
    typeof child === "object" ? child : String(child)));
  return node;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

// What the service refused: the field that it names, if one, and its own sentence.
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.field = fieldOf(problem);
  }
}

const fieldOf = (problem) => problem.field ?? problem.errors?.[0]?.field?.split(".").at(-1);

// What would be right instead, in the words of the page; the service's own sentence where it has none.
export function mending(words, status, problem) {
  const field = fieldOf(problem);
  return words[`mend_${status}_${field}`] ?? words[`mend_${field}`] ?? problem.detail;
}

// A refusal as people read it: what became of what they sent, and what would be right.
export function refusal(words, status, problem) {
  if (status === 401) return words.said_signed_out;
  const right = mending(words, status, problem);
  return (words[`said_${status}`] ?? words.said_other) + (right ? ` · ${right}` : "");
}

// No answer that says anything: no network, or the service cannot just now. To be tried again.
export class Unreachable extends Error {}

const LATER = new Set([408, 425, 429, 500, 502, 503, 504]);

// The JSON that the service answers. Throws Refused (401: not signed in) or Unreachable.
export async function ask(path, { method = "GET", body, type = "application/json", patience = 30_000 } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = type;
  let answer, text;
  try {
    answer = await fetch(path, { method, body, headers, cache: "no-store", signal: AbortSignal.timeout(patience) });
    text = await answer.text();
  } catch (error) {
    throw new Unreachable(String(error));
  }
  if (LATER.has(answer.status)) throw new Unreachable(String(answer.status));
  if (answer.redirected) throw new Refused(401, {});
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    // not the service: a page of the network in between, which wants to be clicked through
    if (answer.ok) throw new Unreachable("no JSON");
    said = {};
  }
  if (!answer.ok) throw new Refused(answer.status, said);
  return said;
}

const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

// A moment as the clocks of the jurisdiction show it: the service writes its offset at the end of the text.
function wall(text, moment = Date.parse(text)) {
  const offset = /([+-])(\d\d):?(\d\d)$/.exec(text);
  const minutes = offset ? (offset[1] === "-" ? -1 : 1) * (60 * offset[2] + 1 * offset[3]) : 0;
  return new Date(moment + minutes * MINUTE);
}

// When something is due, as people say it; {text, late}. `due` is RFC 3339 with the offset of the jurisdiction.
export function dueText(due, words, lang, now = Date.now()) {
  const left = Date.parse(due) - now;
  if (left < 0) {
    const [name, size] = -left < HOUR ? ["late_minutes", MINUTE] : -left < 2 * DAY ? ["late_hours", HOUR] : ["late_days", DAY];
    return { text: fill(words[name], { number: Math.max(1, Math.floor(-left / size)) }), late: true };
  }
  const at = wall(due), today = wall(due, now);
  const days = Math.floor(at / DAY) - Math.floor(today / DAY);
  const day = days === 0 ? words.due_today : days === 1 ? words.due_tomorrow
    : at.toLocaleDateString(lang === "zh" ? "zh-CN" : "en-GB", { timeZone: "UTC", month: "short", day: "numeric" });
  return { text: fill(words.due_by, { day, time: at.toISOString().slice(11, 16) }), late: false };
}
