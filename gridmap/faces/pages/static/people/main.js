// The page of people: which part of it is shown follows from the address behind the #.
"use strict";
import { say } from "./base.js";
import * as vacancies from "./vacancies.js";
import * as roster from "./roster.js";
import * as person from "./person.js";
import { showAccounts, showTokens } from "./accounts.js";
import "./files.js";

const PARTS = {
  vacancies: vacancies.show,
  people: roster.show,
  person: person.show,
  accounts: showAccounts,
  tokens: showTokens,
  tables: () => {},
};

async function show(first) {
  const [, part, detail] = location.hash.split("/");
  const name = part in PARTS ? part : "vacancies";
  for (const section of document.querySelectorAll("section[data-part]")) section.hidden = section.dataset.part !== name;
  for (const link of document.querySelectorAll(".parts a")) {
    const here = link.dataset.part === name || (name === "person" && link.dataset.part === "people");
    if (here) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  await PARTS[name](detail ? decodeURIComponent(detail) : undefined);
  if (!first) document.querySelector(`section[data-part=${name}] h2`)?.focus();
}

window.addEventListener("hashchange", () => show(false));
window.addEventListener("unhandledrejection", (event) => say(String(event.reason?.message ?? event.reason), true));
show(true);
