// What the parts of the page of people share: its words and data, elements, asking the service, saying things.
// Everything shown is text; nothing is HTML. Names and numbers travel in bodies, never in an address.
"use strict";

export const data = JSON.parse(document.getElementById("people-data").textContent);
const words = data.words;
export const word = (key, values = {}) => (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
const named = (each) => (data.lang === "en" && each.name_en) || each.name;

export const posts = new Map(data.posts.map((post) => [post.code, post]));
export const postName = (code) => (posts.has(code) ? named(posts.get(code)) : code);
export const roleName = (code) => data.roles[code] ?? code;

// made("p", {class: "quiet"}, "text", element, …); a property that is a function listens
export function made(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

export const button = (text, click, properties = {}) =>
  made("button", { type: "button", click, ...properties }, text);

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.errors = problem.errors || [];
  }
}

const query = (values) => {
  const given = { ...data.keep, ...values };
  const left = Object.entries(given).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return left.length ? "?" + new URLSearchParams(left) : "";
};
export const address = (path, values = {}) => "/api/v1/" + path + query(values);

async function ask(method, path, values, body, type) {
  let answer;
  try {
    answer = await fetch(address(path, values), {
      method,
      headers: type ? { "Content-Type": type } : {},
      body,
      cache: "no-store",
    });
  } catch {
    throw new Refused(0, { detail: word("service_lost") });
  }
  if (answer.status === 401) {
    location.assign("/sign-in?next=" + encodeURIComponent(location.pathname));
    throw new Refused(401, { detail: word("sign_in_again") });
  }
  const text = await answer.text();
  let told = {};
  try {
    if (text) told = JSON.parse(text);
  } catch {
    told = { detail: word("service_lost") };
  }
  if (!answer.ok) throw new Refused(answer.status, told);
  return told;
}

export const get = (path, values = {}) => ask("GET", path, values);
export const send = (method, path, body) =>
  ask(method, path, {}, body === undefined ? undefined : JSON.stringify(body), body && "application/json");
export const upload = (path, values, bytes) => ask("POST", path, values, bytes, "application/octet-stream");

// What a refusal means in the language of the page, and as the service said it where that is another one
export function meaning(error) {
  if (!(error instanceof Refused)) throw error;
  return error.errors.map(({ field, message }) => {
    const name = field.split(".").pop();
    const key = (error.status === 409 ? "clash_" : error.status === 403 ? "not_yours_" : "right_") + name;
    return { name, text: words[key] ?? words["right_" + name] ?? message, as_said: message };
  });
}

const said = document.getElementById("said");
export function say(text, bad = false) {
  said.replaceChildren(made("p", { class: bad ? "bad" : "good" }, text));
  clearTimeout(say.timer);
  if (!bad) say.timer = setTimeout(() => said.replaceChildren(), 8000);
}
export function sayRefusal(error) {
  const found = meaning(error);
  say(found.length ? found.map((each) => each.text).join(" ") : refusalText(error), true);
}
export const refusalText = (error) =>
  error.status === 403 ? word("not_yours") : error.status === 409 ? word("clash") + " " + error.message : error.message;

export const today = () => data.today;
export function nextMonday() {
  const day = new Date(data.today + "T00:00:00Z");
  day.setUTCDate(day.getUTCDate() + ((8 - day.getUTCDay()) % 7 || 7));
  return day.toISOString().slice(0, 10);
}
export const moment = (text) => text.slice(0, 16).replace("T", " ");
export const dutyName = (duty) => postName(duty.post) + " · " + duty.area.name;
export const personAddress = (code) => "#/person/" + encodeURIComponent(code);

// A table that a narrow screen shows as cards: each cell knows its heading
export function table(label, headings, rows) {
  const head = made("tr", {}, ...headings.map((text) => made("th", { scope: "col" }, text)));
  const body = rows.map((cells) =>
    made("tr", {}, ...cells.map((cell, at) => made("td", { "data-label": headings[at] }, ...[cell].flat())))
  );
  return made("table", { class: "cards", "aria-label": label }, made("thead", {}, head), made("tbody", {}, ...body));
}

// A list that comes page by page: `show(items, first)`, false to stop, and a button as long as there is more
export async function paged(place, load, show) {
  let after = null;
  const more = button(word("show_more"), () => next(false), { class: "more" });
  async function next(first) {
    more.disabled = true;
    try {
      const page = await load(after);
      if (!place.isConnected) return;
      more.remove();
      if (show(page.items, first) === false) return; // something else has been asked for meanwhile
      after = page.next;
      if (after) place.append(more);
    } catch (error) {
      sayRefusal(error);
    }
    more.disabled = false;
  }
  await next(true);
}
