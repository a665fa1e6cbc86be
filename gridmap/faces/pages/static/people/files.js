// Tables: downloaded by links; uploaded first to see what would become of them, then in earnest.
"use strict";
import { button, made, meaning, refusalText, say, table, upload, word } from "./base.js";

const form = document.getElementById("upload"), result = document.getElementById("upload-result");
const wrong = document.getElementById("upload-wrong");
const ENDINGS = ["xlsx", "xls", "ods", "csv", "tsv", "txt"];

form.addEventListener("submit", (event) => {
  event.preventDefault();
  check();
});
form.addEventListener("change", () => {
  result.replaceChildren();
  refuse("");
});

function refuse(text) {
  wrong.textContent = text;
  form.file.toggleAttribute("aria-invalid", Boolean(text));
  if (text) form.file.setAttribute("aria-invalid", "true"), form.file.focus();
}

async function check() {
  const file = form.file.files[0];
  const ending = file?.name.split(".").pop().toLowerCase();
  if (!file) return refuse(word("choose_file"));
  if (!ENDINGS.includes(ending)) return refuse(word("right_format"));
  refuse("");
  const bytes = await file.arrayBuffer(); // what is confirmed is what was checked, whatever becomes of the file
  const asked = { table: form.table.value, format: ending, replace: form.replace.checked };
  const found = await sent(asked, bytes, true);
  if (found) show(found, asked, bytes);
}

async function sent(asked, bytes, dry) {
  form.querySelector("button").disabled = true;
  try {
    return await upload("imports/people", { ...asked, dry_run: dry }, bytes);
  } catch (error) {
    const said = meaning(error);
    refuse(said.length ? `${said[0].text} ${said[0].as_said}` : refusalText(error));
    return null;
  } finally {
    form.querySelector("button").disabled = false;
  }
}

function show(found, asked, bytes) {
  const heading = made("h3", { tabindex: "-1" }, word(found.refused.length ? "check_refused" : "check_good"));
  const parts = found.refused.length ? refusedRows(found.refused) : counted(found, () => confirm(asked, bytes));
  result.replaceChildren(heading, ...parts);
  heading.focus();
}

function refusedRows(refused) {
  const rows = refused.map(({ row, field, message }) => [
    String(row),
    field ? word("field_" + field) : word("whole_row"),
    [word("right_" + (field ?? "row")), made("small", { class: "quiet", lang: "en" }, message)],
  ]);
  return [
    made("p", {}, word("refused_lead", { number: rows.length })),
    table(word("check_refused"), [word("row"), word("column"), word("what_is_wrong")], rows),
  ];
}

function counted(found, go) {
  const names = ["added", "changed", "unchanged", "ended"];
  const counts = names.map((name) => made("li", {}, word("count_" + name) + " ", made("b", {}, String(found[name]))));
  const changes = found.added + found.changed + found.ended;
  return [
    made("ul", { class: "counts" }, ...counts),
    changes
      ? button(word("confirm_import"), go, { class: "main" })
      : made("p", { class: "detail" }, word("nothing_changes")),
  ];
}

async function confirm(asked, bytes) {
  const done = await sent(asked, bytes, false);
  if (!done) return;
  result.replaceChildren();
  form.reset();
  say(word("imported", { added: done.added, changed: done.changed, ended: done.ended }));
}
