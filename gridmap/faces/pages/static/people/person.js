// One person: duties, accounts and history; corrected, moved, replaced, retired, back again.
"use strict";
import {
  button, data, dutyName, get, made, moment, nextMonday, postName, posts, roleName, say, sayRefusal, send, table,
  today, word,
} from "./base.js";
import { areaOf, areaSource, openForm, personSource } from "./forms.js";
import { accountState, disableAccount, openAccount, renewPassword } from "./accounts.js";
import { gone } from "./roster.js";

const one = document.getElementById("person-shown");
const address = (person) => "people/" + encodeURIComponent(person.code);

export async function show(code) {
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
  const again = () => show(person.code);
  one.replaceChildren(
    made("div", { class: "who-is" },
      made("h2", { tabindex: "-1" }, person.name, " ", made("small", { class: "quiet" }, person.code), gone(person)),
      made("p", {}, word("phone") + "：", person.phone ?? "—"),
      made("p", { class: "acts" },
        button(word("correct"), () => correct(person, again)),
        here ? button(word("new_duty"), () => newDuty(person, again)) : null,
        here ? button(word("leave"), () => leave(person, now, again), { class: "grave" }) : null,
        person.left_on ? button(word("come_back"), () => comeBack(person, again)) : null)),
    made("h3", {}, word("duties_now")),
    now.length ? dutyTable(person, now, here, again) : made("p", { class: "detail" }, word("no_duties")),
    past.length ? folded(word("duties_past", { number: past.length }), dutyTable(person, past, false, again)) : "",
    made("h3", {}, word("account")),
    ...accounts(person, here, again),
    made("h3", {}, word("changes")),
    history(person));
}

const folded = (text, inside) => made("details", {}, made("summary", {}, text), inside);

function dutyTable(person, duties, acting, again) {
  const act = (key, does, duty) =>
    button(word(key), () => does(person, duty, again), { "aria-label": word(key + "_what", { what: dutyName(duty) }) });
  const quiet = (text) => made("small", { class: "quiet" }, " " + text);
  const rows = duties.map((duty) => [
    [postName(duty.post), duty.party ? quiet(data.parties[duty.party] ?? duty.party) : ""],
    [duty.area.name, quiet(duty.area.code)],
    [duty.valid_from, duty.valid_from > today() ? made("span", { class: "mark" }, word("to_come")) : ""],
    duty.valid_to ?? word("lasting"),
    acting
      ? made("span", { class: "acts" }, act("move", move, duty), act("hand_over", handOver, duty), act("end", end, duty))
      : "",
  ]);
  return table(word("duties"), [word("post"), word("area"), word("from_day"), word("until_day"), word("acts")], rows);
}

function accounts(person, here, again) {
  const shown = person.accounts.map((account) => {
    const doing = account.disabled ? "enable" : "disable";
    return made("p", { class: "account" },
      made("b", {}, account.login), account.roles.map(roleName).join("，"), accountState(account),
      account.demonstration ? "" : button(word("renew_password"), () => renewPassword(account, again)),
      account.own || (account.disabled && !here) ? "" : button(word(doing), () => disableAccount(account, again)));
  });
  if (!shown.length) shown.push(made("p", { class: "detail" }, word("no_account")));
  if (here && !person.accounts.length) {
    shown.push(button(word("open_account"), () => openAccount({ person, done: again })));
  }
  return shown;
}

// what of a row is no news to a reader: the names it goes by itself
const UNTOLD = new Set(["id", "code", "person", "login", "demonstration", "area_kind"]);

function history({ changes, duties }) {
  const known = new Map(duties.map((duty) => [duty.id, duty]));
  const areas = new Map(duties.map((duty) => [duty.area.code, duty.area.name]));
  const whose = (by) =>
    by.startsWith("token:") ? word("by_token", { name: by.slice(6) }) : by.replace(/^account:/, "");
  const subject = (change) => [
    word("subject_" + change.subject),
    change.subject === "account" ? change.key : "",
    change.subject === "duty" && !change.new && known.has(change.key) ? dutyName(known.get(change.key)) : "",
    change.new ? word("is_new") : "",
  ].filter(Boolean).join(" ");
  const shown = (what, value) => {
    if (value === null || value === undefined) return "—";
    if (what === "post") return postName(value);
    if (what === "area_code" && areas.has(value)) return `${areas.get(value)} ${value}`;
    if (Array.isArray(value)) return value.map(roleName).join("，");
    return what.endsWith("_at") ? moment(value) : String(value);
  };
  const line = (change, { what, was, now }) => {
    if (UNTOLD.has(what) || (what === "password_set_at" && change.new)) return null;
    if (what === "password_set_at") return made("div", {}, word("was_password"));
    const before = change.new ? [] : [made("del", {}, shown(what, was)), " → "];
    return made("div", {}, word("field_" + what) + "：", ...before, made("ins", {}, shown(what, now)));
  };
  const rows = changes.map((change) => [
    moment(change.at),
    whose(change.by),
    [made("b", {}, subject(change)), ...change.differences.map((each) => line(change, each)).filter(Boolean)],
  ]);
  if (!rows.length) return made("p", { class: "detail" }, word("no_changes"));
  return table(word("changes"), [word("when"), word("by_whom"), word("what_changed")], rows);
}

async function correct(person, again) {
  const done = await openForm({
    title: word("correct") + "：" + person.name,
    go: word("save"),
    fields: [
      { name: "name", label: word("name"), required: true, most: 100, value: person.name },
      { name: "phone", label: word("phone"), type: "tel", most: 60, value: person.phone ?? "" },
    ],
    submit: (values) => send("PATCH", address(person), { name: values.name, phone: values.phone || null }),
  });
  if (!done) return;
  say(word("saved"));
  again();
}

async function newDuty(person, again) {
  const post = data.chiefs[0];
  const chosen = () => document.querySelector("dialog select[name=post]").value;
  const done = await openForm({
    title: word("new_duty") + "：" + person.name,
    go: word("begin"),
    fields: [
      {
        name: "post", label: word("post"), type: "select", value: post,
        options: data.posts.map((each) => [each.code, postName(each.code)]),
      },
      {
        name: "area", label: word("area"), type: "choose", required: true, placeholder: word("type_area"),
        also: ["area_code", "area_kind"], source: (text) => areaSource(chosen())(text),
      },
      {
        name: "party", label: word("party"), type: "select", required: true,
        options: [["", "—"], ...Object.entries(data.parties)], shown: (now) => posts.get(now.post).parties.length > 0,
      },
      { name: "valid_from", label: word("from_day"), type: "date", required: true, value: today() },
      { name: "valid_to", label: word("until_day"), type: "date", hint: word("until_hint") },
    ],
    submit: async ({ area, party, valid_to, ...values }) => {
      const more = { ...areaOf(area), party: party || null, valid_to: valid_to || null };
      return (await send("POST", "duties", { ...values, ...more, person: person.code })).items[0];
    },
  });
  if (!done) return;
  say(word("begun", { what: dutyName(done), day: done.valid_from }));
  again();
}

async function move(person, duty, again) {
  const done = await openForm({
    title: word("move_what", { what: dutyName(duty) }),
    lead: person.name,
    go: word("move"),
    fields: [
      {
        name: "area", label: word("move_to"), type: "choose", required: true, placeholder: word("type_area"),
        also: ["area_code", "area_kind"], source: areaSource(duty.post, duty.area.code),
      },
      onDay({ hint: word("move_hint") }),
    ],
    submit: (values) => send("POST", `duties/${duty.id}/move`, { day: values.day, ...areaOf(values.area) }),
  });
  if (!done) return;
  say(word("moved", { name: person.name, what: dutyName(done), day: done.valid_from }));
  again();
}

const onDay = (more) => ({
  name: "day", label: word("from_day"), type: "date", required: true, value: nextMonday(),
  also: ["valid_from", "valid_to"], ...more,
});

async function handOver(person, duty, again) {
  const done = await openForm({
    title: word("hand_over_what", { what: dutyName(duty) }),
    lead: word("held_by", { name: person.name }),
    go: word("hand_over"),
    fields: [
      {
        name: "person", label: word("to_whom"), type: "choose", required: true, placeholder: word("type_name"),
        source: personSource, also: ["area_code"],
      },
      onDay(),
    ],
    submit: ({ day, person: other }) =>
      send("POST", `duties/${duty.id}/move`, { day, person: other, area_kind: duty.area.kind, area_code: duty.area.code }),
  });
  if (!done) return;
  say(word("handed_over", { name: done.name, what: dutyName(done), day: done.valid_from }));
  again();
}

async function end(person, duty, again) {
  const done = await openForm({
    title: word("end_what", { what: dutyName(duty) }),
    lead: person.name,
    go: word("end"),
    grave: true,
    fields: [onDay({ label: word("end_day"), value: today(), hint: word("end_hint") })],
    submit: async (values) => {
      await send("POST", `duties/${duty.id}/end`, values);
      return values;
    },
  });
  if (!done) return;
  say(word("ended", { what: dutyName(duty), day: done.day }));
  again();
}

async function leave(person, duties, again) {
  const logins = person.accounts.filter((account) => !account.disabled).map((account) => account.login);
  const lead = made("ul", { class: "lead" },
    made("li", {}, word("leave_duties", { number: duties.length })),
    logins.length ? made("li", {}, word("leave_accounts", { logins: logins.join("，") })) : "");
  const done = await openForm({
    title: word("leave") + "：" + person.name,
    lead,
    go: word("leave"),
    grave: true,
    fields: [onDay({ label: word("leave_day"), value: today(), hint: word("leave_hint") })],
    submit: (values) => send("POST", address(person) + "/leave", values),
  });
  if (!done) return;
  say(word("has_left", { name: person.name, day: done.person.left_on, number: done.duties }));
  again();
}

async function comeBack(person, again) {
  try {
    await send("POST", address(person) + "/return");
  } catch (error) {
    return sayRefusal(error);
  }
  say(word("is_back", { name: person.name }));
  again();
}
