// Accounts and tokens: opened, their secrets shown once, renewed, taken out of use.
"use strict";
import {
  button, data, get, made, moment, paged, personAddress, roleName, say, send, table, word,
} from "./base.js";
import { openForm, personSource, showSecret } from "./forms.js";

const accountList = document.getElementById("accounts-list");
const tokenList = document.getElementById("tokens-list");
const roles = () => data.gives.map((role) => [role, roleName(role)]);
const ofAPerson = (now) => data.of_a_person.includes(now.role);
const personField = {
  name: "person", label: word("person"), type: "choose", required: true, placeholder: word("type_name"),
  source: personSource, shown: ofAPerson,
};

export function accountState(account) {
  if (account.disabled) return made("span", { class: "mark" }, word("disabled"));
  if (account.disabled_at) return made("span", { class: "mark" }, word("ends_on", { day: account.disabled_at.slice(0, 10) }));
  return made("span", { class: "quiet" }, word(account.demonstration ? "demonstration_account" : "in_use"));
}

export const showAccounts = () => {
  const headings = [word("login"), word("name"), word("role"), word("state"), word("acts")];
  return inTable(accountList, "accounts", word("accounts"), headings, word("no_accounts"), accountRow);
};

function accountRow(account) {
  const act = (key, does) =>
    button(word(key), () => does(account, showAccounts), { "aria-label": `${word(key)} ${account.login}` });
  return [
    [account.login, account.own ? made("span", { class: "mark" }, word("yourself")) : ""],
    account.person ? made("a", { href: personAddress(account.person) }, account.name) : account.name,
    account.roles.map(roleName).join("，"),
    accountState(account),
    made("span", { class: "acts" },
      account.demonstration ? "" : act("renew_password", renewPassword),
      account.own ? "" : act(account.disabled ? "enable" : "disable", disableAccount)),
  ];
}

export const showTokens = () => {
  const headings = [word("token_name"), word("role"), word("made"), word("last_used"), word("acts")];
  return inTable(tokenList, "tokens", word("tokens"), headings, word("no_tokens"), tokenRow);
};

function tokenRow(token) {
  const label = `${word("revoke")} ${token.name}`;
  return [
    token.name,
    roleName(token.role),
    `${moment(token.made_at)} ${token.made_by}`,
    token.last_used_at ? moment(token.last_used_at) : word("never"),
    token.revoked_at
      ? made("span", { class: "mark" }, word("revoked_on", { day: token.revoked_at.slice(0, 10) }))
      : button(word("revoke"), () => revoke(token), { class: "grave", "aria-label": label }),
  ];
}

async function inTable(place, path, label, headings, nothing, cells) {
  let shown = null;
  await paged(place, (after) => get(path, { limit: 100, after }), (items, first) => {
    const next = table(label, headings, items.map(cells));
    if (first) place.replaceChildren(items.length ? (shown = next) : made("p", { class: "detail" }, nothing));
    else shown.tBodies[0].append(...next.tBodies[0].rows);
  });
}

export async function openAccount({ person = null, done = showAccounts } = {}) {
  const login = { name: "login", label: word("login"), most: 64, hint: word("login_hint") };
  const opened = await openForm({
    title: person ? word("open_account_of", { name: person.name }) : word("open_account"),
    go: word("open_account"),
    fields: [
      {
        name: "role", label: word("role"), type: "select", value: "member", options: roles(), hint: word("role_hint"),
      },
      ...(person ? [] : [personField]),
      person ? { ...login, value: person.code.toLowerCase() } : login,
      ...(person ? [] : [{ name: "name", label: word("shown_name"), most: 100, shown: (now) => !ofAPerson(now) }]),
    ],
    submit: (values) =>
      send("POST", "accounts", {
        role: values.role,
        login: values.login || null,
        name: values.name || null,
        person: person?.code ?? (values.person || null),
      }),
  });
  if (!opened) return;
  await secret(opened);
  done();
}

const secret = ({ account, password }) =>
  showSecret(word("password_of", { login: account.login }), word("secret_lead"), password);

export async function renewPassword(account, done) {
  const renewed = await openForm({
    title: word("renew_password") + "：" + account.login,
    lead: word("renew_lead"),
    go: word("renew_password"),
    fields: [],
    submit: () => send("POST", `accounts/${account.id}/password`),
  });
  if (!renewed) return;
  await secret(renewed);
  done();
}

export async function disableAccount(account, done) {
  const doing = account.disabled ? "enable" : "disable";
  const changed = await openForm({
    title: word(doing) + "：" + account.login,
    lead: word(doing + "_lead"),
    go: word(doing),
    grave: !account.disabled,
    fields: [],
    submit: () => send("POST", `accounts/${account.id}/${doing}`),
  });
  if (!changed) return;
  say(word(changed.disabled ? "is_disabled" : "is_enabled", { login: changed.login }));
  done();
}

async function revoke(token) {
  const done = await openForm({
    title: word("revoke") + "：" + token.name,
    lead: word("revoke_lead"),
    go: word("revoke"),
    grave: true,
    fields: [],
    submit: async () => {
      await send("POST", `tokens/${token.id}/revoke`);
      return true;
    },
  });
  if (!done) return;
  say(word("is_revoked", { name: token.name }));
  showTokens();
}

document.getElementById("open-account").addEventListener("click", () => openAccount());
document.getElementById("open-token").addEventListener("click", async () => {
  const opened = await openForm({
    title: word("open_token"),
    go: word("open_token"),
    fields: [
      { name: "name", label: word("token_name"), required: true, most: 100, hint: word("token_hint") },
      { name: "role", label: word("role"), type: "select", value: "office", options: roles() },
      personField,
    ],
    submit: (values) =>
      send("POST", "tokens", { name: values.name, role: values.role, person: values.person || null }),
  });
  if (!opened) return;
  await showSecret(word("token_of", { name: opened.name }), word("secret_lead"), opened.token);
  showTokens();
});
