// Forms in a dialog: labelled fields, each refusal beside its field, lists to choose from, secrets shown once.
"use strict";
import { button, data, get, made, meaning, postName, refusalText, send, sayRefusal, word } from "./base.js";

let numbered = 0;
const CHOICES = { radio: "radio", ticks: "checkbox" }; // a field of several, of which one or some

// A field: { name, label, hint, type, value, required, options, source, shown(values) }
function fieldOf(field) {
  const id = "field" + ++numbered;
  const error = made("p", { class: "wrong", id: id + "-wrong" });
  const hint = field.hint ? made("p", { class: "hint", id: id + "-hint" }, field.hint) : null;
  const described = [hint && id + "-hint", id + "-wrong"].filter(Boolean).join(" ");
  const common = {
    id, name: field.name, "aria-describedby": described, "aria-required": field.required ? "true" : null,
  };
  const label = made("label", { for: id }, field.label, field.required ? made("span", { class: "must" }, " *") : null);
  let input, list = null, chosen = field.value ?? "";
  if (field.type === "choose") {
    ({ input, list } = combobox(common, field, (value) => (chosen = value)));
  } else if (field.type === "select") {
    input = made("select", common);
    for (const [value, text] of field.options) {
      input.append(made("option", { value, selected: value === field.value }, text));
    }
  } else if (CHOICES[field.type]) {
    input = made("fieldset", { class: "ways" }, made("legend", {}, field.label));
    for (const [value, text] of field.options) {
      const one = made("input", { type: CHOICES[field.type], name: field.name, value, checked: value === field.value });
      input.append(made("label", {}, one, " ", text));
    }
  } else {
    const more = { type: field.type || "text", value: field.value, autocomplete: "off", maxlength: field.most };
    input = made("input", { ...common, ...more });
  }
  const box = made("div", { class: "field" }, CHOICES[field.type] ? null : label, input, list, hint, error);
  const value = () => {
    if (field.type === "choose") return chosen;
    if (field.type === "radio") return input.querySelector("input:checked")?.value ?? "";
    if (field.type === "ticks") return [...input.querySelectorAll("input:checked")].map((each) => each.value);
    return input.value.trim();
  };
  const wrong = (text, as_said = "") => {
    const also = as_said && data.lang !== "en" && as_said !== text;
    error.replaceChildren(text, also ? made("small", { lang: "en" }, as_said) : "");
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  return { ...field, box, input, value, wrong };
}

// The pattern of an editable combobox with a list (ARIA Authoring Practices). source(text) -> [{value, text, more}]
function combobox(common, field, choose) {
  const list = made("ul", { role: "listbox", id: common.id + "-list", hidden: true, "aria-label": field.label });
  const input = made("input", {
    ...common, type: "text", role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
    "aria-expanded": "false", "aria-controls": list.id, placeholder: field.placeholder, value: field.text,
  });
  let options = [], at = -1, timer = 0, asked = 0;
  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) input.removeAttribute("aria-activedescendant");
  };
  const mark = (number) => {
    at = number;
    [...list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === at)));
    if (list.children[at]) {
      input.setAttribute("aria-activedescendant", list.children[at].id);
      list.children[at].scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const pick = (option) => {
    choose(option.value);
    input.value = option.text;
    open(false);
    field.picked?.(option);
  };
  const fill = async () => {
    const mine = ++asked;
    let found;
    try {
      found = await field.source(input.value.trim());
    } catch (error) {
      return sayRefusal(error);
    }
    if (mine !== asked || document.activeElement !== input) return;
    const marked = options[at]?.value;
    options = found;
    list.replaceChildren(...options.map((option, index) =>
      made("li", { role: "option", id: `${list.id}-${index}`, "aria-selected": "false",
        mousedown: (event) => event.preventDefault(), click: () => pick(option) },
        made("span", {}, option.text), option.more ? made("small", {}, option.more) : null)));
    const none = { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" };
    if (!options.length) list.append(made("li", none, word("nothing_found")));
    open(true);
    mark(options.findIndex((option) => option.value === marked)); // a list that comes late leaves the mark where it was
  };
  input.addEventListener("input", () => {
    choose("");
    clearTimeout(timer);
    timer = setTimeout(fill, 180);
  });
  input.addEventListener("focus", fill);
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return fill();
      if (options.length) mark((at + (event.key === "ArrowDown" ? 1 : at < 0 ? 0 : -1) + options.length) % options.length);
    } else if (event.key === "Enter" && !list.hidden) {
      event.preventDefault(); // nothing marked yet: neither chosen nor sent
      if (options[at]) pick(options[at]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(false);
    }
  });
  return { input, list };
}

// Ask in a dialog: { title, lead, fields, go, grave, submit(values) }; -> what submit gave, null when it was left
export function openForm({ title, lead, fields, go, grave, submit }) {
  return new Promise((resolve) => {
    const parts = fields.map(fieldOf);
    const alert = made("p", { class: "alert", role: "alert" });
    const id = "dialog" + ++numbered;
    const submitter = made("button", { type: "submit", class: grave ? "main grave" : "main" }, go);
    const form = made("form", { method: "dialog", novalidate: true },
      made("h2", { id }, title), typeof lead === "string" ? made("p", { class: "lead" }, lead) : lead ?? null, alert,
      ...parts.map((part) => part.box),
      made("p", { class: "ends" }, submitter, button(word("cancel"), () => dialog.close())));
    const dialog = made("dialog", { class: "asking", "aria-labelledby": id }, form);
    let result = null;
    const values = () => Object.fromEntries(parts.map((part) => [part.name, part.value()]));
    const showSome = () => {
      const now = values();
      for (const part of parts) part.box.hidden = part.shown ? !part.shown(now) : false;
    };
    form.addEventListener("change", showSome);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      alert.textContent = "";
      parts.forEach((part) => part.wrong(""));
      const seen = parts.filter((part) => !part.box.hidden);
      const missing = seen.filter((part) => part.required && !part.value());
      missing.forEach((part) => part.wrong(part.type === "choose" ? word("choose_from_list") : word("fill_in")));
      if (missing.length) return missing[0].input.focus();
      submitter.disabled = true;
      try {
        result = await submit(Object.fromEntries(seen.map((part) => [part.name, part.value()])));
        dialog.close();
      } catch (error) {
        refuse(error, seen, alert);
      }
      submitter.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    showSome();
    dialog.showModal();
    (parts.find((part) => !part.box.hidden && !CHOICES[part.type] && part.type !== "choose")?.input ?? submitter).focus();
  });
}

function refuse(error, parts, alert) {
  const elsewhere = [];
  let first = null;
  for (const each of meaning(error)) {
    const part = parts.find((one) => one.name === each.name || one.also?.includes(each.name));
    if (part) {
      part.wrong(each.text, each.as_said);
      first ??= part;
    } else elsewhere.push(each.text);
  }
  if (elsewhere.length) alert.textContent = elsewhere.join(" ");
  else if (!first) alert.textContent = refusalText(error);
  first?.input.focus();
}

// A secret, once; the dialog closes by its button alone
export function showSecret(title, lead, secret) {
  return new Promise((resolve) => {
    const id = "dialog" + ++numbered;
    const text = made("output", { class: "secret", tabindex: "0" }, secret);
    const copied = made("span", { role: "status", class: "quiet" });
    const copy = button(word("copy"), async () => {
      try {
        await navigator.clipboard.writeText(secret);
        copied.textContent = word("copied");
      } catch {
        getSelection().selectAllChildren(text);
        copied.textContent = word("copy_by_hand");
      }
    });
    const dialog = made("dialog", { class: "asking", "aria-labelledby": id, cancel: (event) => event.preventDefault() },
      made("h2", { id }, title), made("p", { class: "lead" }, lead), text,
      made("p", { class: "ends" }, button(word("noted"), () => dialog.close(), { class: "main" }), copy, copied));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

// People by what is typed: name, code or number
export const personSource = async (text) => {
  const { items } = await send("POST", "people/search", { text, limit: 20 });
  return items.map((each) => ({
    value: each.code,
    text: each.name,
    more: [each.code, heldShortly(each.duties)].filter(Boolean).join(" · "),
  }));
};

// Areas and units that a post is held for, the vacant ones first
export const areaSource = (post, also = "") => async (text) => {
  const wanted = { post, area: text, limit: 30 };
  const free = (await get("seats", { ...wanted, vacant: true })).items;
  const held = free.length < 30 ? (await get("seats", { ...wanted, vacant: false })).items : [];
  return [...free, ...held].filter((each) => each.area.code !== also).slice(0, 40).map((each) => ({
    value: each.area.kind + " " + each.area.code,
    text: each.area.name,
    more: [each.community && each.area.kind !== "community" && each.community.name, each.area.code,
      each.vacant ? word("vacant") : each.holders.map((one) => one.name).join(" ")].filter(Boolean).join(" · "),
  }));
};
export const areaOf = (value) => {
  const [kind, code] = value.split(" ");
  return { area_kind: kind, area_code: code };
};

export function heldShortly(duties) {
  const counts = new Map();
  for (const duty of duties) counts.set(duty.post, [...(counts.get(duty.post) ?? []), duty]);
  return [...counts].map(([post, held]) =>
    held.length > 1 ? `${postName(post)} ×${held.length}` : `${postName(post)} ${held[0].area.name}`).join("；");
}
