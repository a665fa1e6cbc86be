// People: found, added, corrected; one of them with duties, accounts and history; moved, handed over, retired.
"use strict";
import {
  address, button, data, dutyName, get, made, moment, nextMonday, paged, personAddress, postName, posts, roleName, say,
  sayRefusal, send, table, today, word,
} from "./base.js";
import { areaOf, areaSource, heldShortly, openForm, personSource } from "./forms.js";
import { accountState, disableAccount, openAccount, renewPassword } from "./accounts.js";

const search = document.getElementById("search"), list = document.getElementById("people-list");
const one = document.getElementById("person-shown");
let asked = 0;

export async function show() {
  const mine = ++asked;
  const wanted = { text: search.text.value.trim(), post: search.post.value || null, gone: search.gone.checked, limit: 50 };
  if (search.community.value) Object.assign(wanted, { area_kind: "community", area_code: search.community.value });
  let body = null;
  await paged(list, (after) => send("POST", "people/search", { ...wanted, after }), (items, first) => {
    if (mine !== asked) return false;
    if (first) {
      const shown = table(word("people"), [word("name"), word("phone"), word("duties"), word("account")], []);
      body = shown.tBodies[0];
      list.replaceChildren(items.length ? shown : made("p", { class: "detail" }, word("nobody_found")));
    }
    for (const each of items) body.append(row(each));
  });
}

function row(each) {
  const cell = (heading, ...children) => made("td", { "data-label": word(heading) }, ...children);
  return made("tr", { class: each.left_on && each.left_on <= today() ? "gone" : null },
    cell("name", made("a", { href: personAddress(each.code) }, each.name), " ", made("small", { class: "quiet" }, each.code), gone(each)),
    cell("phone", each.phone ?? "—"),
    cell("duties", heldShortly(each.duties) || "—"),
    cell("account", each.accounts.map((account) => account.login + (account.disabled ? ` (${word("disabled")})` : "")).join("，") || "—"));
}

function gone(each) {
  if (!each.left_on) return null;
  return made("span", { class: "mark" }, word(each.left_on <= today() ? "left_since" : "leaves_on", { day: each.left_on }));
}

let timer = 0;
search.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, 220);
});
search.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("add-person").addEventListener("click", async () => {
  const made = await openForm({
    title: word("add_person"), go: word("add"),
    fields: [
      { name: "name", label: word("name"), required: true, most: 100 },
      { name: "phone", label: word("phone"), type: "tel", most: 60 },
      { name: "code", label: word("code"), most: 64, hint: word("code_hint") },
    ],
    submit: (values) => send("POST", "people", { name: values.name, phone: values.phone || null, code: values.code || null }),
  });
  if (made) {
    say(word("added", { name: made.name, code: made.code }));
    location.hash = personAddress(made.code);
  }
});

export async function showPerson(code) {
  let person;
  try {
    person = await get("people/" + encodeURIComponent(code));
  } catch (error) {
    one.replaceChildren();
    return sayRefusal(error);
  }
  draw(person);
}

function draw(person) {
  const here = !person.left_on || person.left_on > today();
  const now = person.duties.filter((duty) => !duty.valid_to || duty.valid_to > today());
  const past = person.duties.filter((duty) => duty.valid_to && duty.valid_to <= today()).reverse();
  const again = () => showPerson(person.code);
  one.replaceChildren(
    made("div", { class: "who-is" }, made("h2", { tabindex: "-1" }, person.name, " ", made("small", { class: "quiet" }, person.code), gone(person)),
      made("p", {}, word("phone") + "：", person.phone ?? "—"),
      made("p", { class: "acts" },
        button(word("correct"), () => correct(person, again)),
        here ? button(word("new_duty"), () => newDuty(person, again)) : null,
        here ? button(word("leave"), () => leave(person, now, again), { class: "grave" }) : null,
        person.left_on ? button(word("come_back"), () => comeBack(person, again)) : null)),
    made("h3", {}, word("duties_now")),
    now.length ? dutyTable(person, now, here, again) : made("p", { class: "detail" }, word("no_duties")),
    past.length ? made("details", {}, made("summary", {}, word("duties_past", { number: past.length })), dutyTable(person, past, false, again)) : "",
    made("h3", {}, word("account")),
    ...accounts(person, here, again),
    made("h3", {}, word("changes")),
    history(person));
}

function dutyTable(person, duties, acting, again) {
  const rows = duties.map((duty) => [
    [postName(duty.post), duty.party ? made("small", { class: "quiet" }, " " + (data.parties[duty.party] ?? duty.party)) : ""],
    [duty.area.name, " ", made("small", { class: "quiet" }, duty.area.code)],
    [duty.valid_from, duty.valid_from > today() ? made("span", { class: "mark" }, word("to_come")) : ""],
    duty.valid_to ?? word("lasting"),
    acting ? made("span", { class: "acts" },
      button(word("move"), () => move(person, duty, again), { "aria-label": word("move_what", { what: dutyName(duty) }) }),
      button(word("hand_over"), () => handOver(person, duty, again), { "aria-label": word("hand_over_what", { what: dutyName(duty) }) }),
      button(word("end"), () => end(person, duty, again), { "aria-label": word("end_what", { what: dutyName(duty) }) })) : "",
  ]);
  return table(word("duties"), [word("post"), word("area"), word("from_day"), word("until_day"), word("acts")], rows);
}

function accounts(person, here, again) {
  const shown = person.accounts.map((account) => made("p", { class: "account" }, made("b", {}, account.login), " ",
    account.roles.map(roleName).join("，"), " ", accountState(account), " ",
    made("span", { class: "acts" },
      account.demonstration ? "" : button(word("renew_password"), () => renewPassword(account, again)),
      account.own || (account.disabled && !here) ? "" : button(word(account.disabled ? "enable" : "disable"), () => disableAccount(account, again)))));
  if (!shown.length) shown.push(made("p", { class: "detail" }, word("no_account")));
  if (here && !person.accounts.length) shown.push(button(word("open_account"), () => openAccount({ person, done: again })));
  return shown;
}

function history({ changes, duties }) {
  const known = new Map(duties.map((duty) => [duty.id, duty]));
  const areas = new Map(duties.map((duty) => [duty.area.code, duty.area.name]));
  const whose = (by) => by.startsWith("token:") ? word("by_token", { name: by.slice(6) }) : by.replace(/^account:/, "");
  const which = (change) => change.subject === "account" ? " " + change.key
    : change.subject === "duty" && !change.new && known.has(change.key) ? " " + dutyName(known.get(change.key)) : "";
  const shown = (what, value) => {
    if (value === null || value === undefined) return "—";
    if (what === "post") return postName(value);
    if (what === "area_code" && areas.has(value)) return `${areas.get(value)} ${value}`;
    if (Array.isArray(value)) return value.map(roleName).join("，");
    return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? moment(String(value)) : String(value);
  };
  const hidden = new Set(["id", "code", "person", "login", "password_set_at", "demonstration", "area_kind"]);
  const rows = changes.map((change) => {
    const what = word("subject_" + change.subject) + which(change);
    const lines = change.differences
      .filter((each) => !hidden.has(each.what) || (each.what === "password_set_at" && !change.new))
      .map((each) => each.what === "password_set_at" ? made("div", {}, word("was_password"))
        : made("div", {}, word("field_" + each.what) + "：", change.new ? "" : made("del", {}, shown(each.what, each.was)), change.new ? "" : " → ", made("ins", {}, shown(each.what, each.now))));
    return [moment(change.at), whose(change.by), [made("b", {}, what + (change.new ? " " + word("is_new") : "")), ...lines]];
  });
  return rows.length ? table(word("changes"), [word("when"), word("by_whom"), word("what_changed")], rows) : made("p", { class: "detail" }, word("no_changes"));
}

async function correct(person, again) {
  const done = await openForm({
    title: word("correct") + "：" + person.name, go: word("save"),
    fields: [
      { name: "name", label: word("name"), required: true, most: 100, value: person.name },
      { name: "phone", label: word("phone"), type: "tel", most: 60, value: person.phone ?? "" },
    ],
    submit: (values) => send("PATCH", "people/" + encodeURIComponent(person.code), { name: values.name, phone: values.phone || null }),
  });
  if (done) say(word("saved")), again();
}

async function newDuty(person, again) {
  let post = data.chiefs[0];
  const done = await openForm({
    title: word("new_duty") + "：" + person.name, go: word("begin"),
    fields: [
      { name: "post", label: word("post"), type: "select", value: post, options: data.posts.map((each) => [each.code, postName(each.code)]) },
      { name: "area", label: word("area"), type: "choose", required: true, placeholder: word("type_area"), also: ["area_code", "area_kind"],
        source: (text) => areaSource(document.querySelector("dialog select[name=post]").value)(text) },
      { name: "party", label: word("party"), type: "select", required: true, options: [["", "—"], ...Object.entries(data.parties)],
        shown: (now) => posts.get(now.post).parties.length > 0 },
      { name: "valid_from", label: word("from_day"), type: "date", required: true, value: today() },
      { name: "valid_to", label: word("until_day"), type: "date", hint: word("until_hint") },
    ],
    submit: ({ area, party, valid_to, ...values }) =>
      send("POST", "duties", { ...values, person: person.code, ...areaOf(area), party: party || null, valid_to: valid_to || null })
        .then((done) => done.items[0]),
  });
  if (done) say(word("begun", { what: dutyName(done), day: done.valid_from })), again();
}

async function move(person, duty, again) {
  const done = await openForm({
    title: word("move_what", { what: dutyName(duty) }), lead: person.name, go: word("move"),
    fields: [
      { name: "area", label: word("move_to"), type: "choose", required: true, placeholder: word("type_area"), also: ["area_code", "area_kind"],
        source: areaSource(duty.post, duty.area.code) },
      { name: "day", label: word("from_day"), type: "date", required: true, value: nextMonday(), hint: word("move_hint"), also: ["valid_from", "valid_to"] },
    ],
    submit: (values) => send("POST", `duties/${duty.id}/move`, { day: values.day, ...areaOf(values.area) }),
  });
  if (done) say(word("moved", { name: person.name, what: dutyName(done), day: done.valid_from })), again();
}

async function handOver(person, duty, again) {
  const done = await openForm({
    title: word("hand_over_what", { what: dutyName(duty) }), lead: word("held_by", { name: person.name }), go: word("hand_over"),
    fields: [
      { name: "person", label: word("to_whom"), type: "choose", required: true, placeholder: word("type_name"), source: personSource, also: ["area_code"] },
      { name: "day", label: word("from_day"), type: "date", required: true, value: nextMonday(), also: ["valid_from", "valid_to"] },
    ],
    submit: (values) => send("POST", `duties/${duty.id}/move`, { day: values.day, person: values.person, area_kind: duty.area.kind, area_code: duty.area.code }),
  });
  if (done) say(word("handed_over", { name: done.name, what: dutyName(done), day: done.valid_from })), again();
}

async function end(person, duty, again) {
  const done = await openForm({
    title: word("end_what", { what: dutyName(duty) }), lead: person.name, go: word("end"), grave: true,
    fields: [{ name: "day", label: word("end_day"), type: "date", required: true, value: today(), hint: word("end_hint") }],
    submit: async (values) => (await send("POST", `duties/${duty.id}/end`, values), values),
  });
  if (done) say(word("ended", { what: dutyName(duty), day: done.day })), again();
}

async function leave(person, duties, again) {
  const open = person.accounts.filter((account) => !account.disabled).map((account) => account.login);
  const lead = made("ul", { class: "lead" }, made("li", {}, word("leave_duties", { number: duties.length })),
    open.length ? made("li", {}, word("leave_accounts", { logins: open.join("，") })) : "");
  const done = await openForm({
    title: word("leave") + "：" + person.name, lead, go: word("leave"), grave: true,
    fields: [{ name: "day", label: word("leave_day"), type: "date", required: true, value: today(), hint: word("leave_hint") }],
    submit: (values) => send("POST", `people/${encodeURIComponent(person.code)}/leave`, values),
  });
  if (done) say(word("has_left", { name: person.name, day: done.person.left_on, number: done.duties })), again();
}

async function comeBack(person, again) {
  try {
    await send("POST", `people/${encodeURIComponent(person.code)}/return`);
  } catch (error) {
    return sayRefusal(error);
  }
  say(word("is_back", { name: person.name }));
  again();
}
