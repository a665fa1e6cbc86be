// People: found by name, code or number, by post and community; added.
"use strict";
import { made, paged, personAddress, say, send, table, today, word } from "./base.js";
import { heldShortly, openForm } from "./forms.js";

const search = document.getElementById("search"), list = document.getElementById("people-list");
let asked = 0;

export async function show() {
  const mine = ++asked;
  const wanted = { text: search.text.value.trim(), post: search.post.value || null, gone: search.gone.checked, limit: 50 };
  if (search.community.value) {
    wanted.area_kind = "community";
    wanted.area_code = search.community.value;
  }
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
  const logins = each.accounts.map((account) => account.login + (account.disabled ? ` (${word("disabled")})` : ""));
  return made("tr", { class: each.left_on && each.left_on <= today() ? "gone" : null },
    cell("name",
      made("a", { href: personAddress(each.code) }, each.name), " ",
      made("small", { class: "quiet" }, each.code), gone(each)),
    cell("phone", each.phone ?? "—"),
    cell("duties", heldShortly(each.duties) || "—"),
    cell("account", logins.join("，") || "—"));
}

export function gone(each) {
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
  const added = await openForm({
    title: word("add_person"),
    go: word("add"),
    fields: [
      { name: "name", label: word("name"), required: true, most: 100 },
      { name: "phone", label: word("phone"), type: "tel", most: 60 },
      { name: "code", label: word("code"), most: 64, hint: word("code_hint") },
    ],
    submit: (values) =>
      send("POST", "people", { name: values.name, phone: values.phone || null, code: values.code || null }),
  });
  if (!added) return;
  say(word("added", { name: added.name, code: added.code }));
  location.hash = personAddress(added.code);
});
