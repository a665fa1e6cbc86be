// Choosing one of a vocabulary with a thumb: the most used first as large buttons, all others behind a search.
import { el } from "../common.js";
import { titled, words } from "./words.js";

const FIRST = 6;

// entries: [{code, name, name_en}], in the order in which they are wanted. -> {value(), set(code)}
export function picker(place, entries, chosen, onpick = () => {}) {
  let code = chosen && entries.some((each) => each.code === chosen) ? chosen : null;
  let open = false;
  const search = el("input", { type: "search", placeholder: words.my_search, "aria-label": words.my_search, oninput: list,
    enterkeyhint: "search", autocomplete: "off" });
  const found = el("div", { class: "found" });
  const chips = el("div", { class: "chips" });
  const rest = el("div", { class: "rest", hidden: true }, search, found);

  function pick(value) {
    code = value;
    open = false;
    search.value = "";
    draw();
    onpick(value);
  }
  const button = (each) =>
    el("button", { type: "button", "aria-pressed": String(each.code === code), "data-code": each.code,
      onclick: () => pick(each.code) }, titled(each));

  function list() {
    const text = search.value.trim().toLowerCase();
    const hits = text ? entries.filter((each) => [each.name, each.name_en ?? "", each.code].some((word) => word.toLowerCase().includes(text)))
      : entries.filter((each) => !first().includes(each));
    found.replaceChildren(...(hits.length ? hits.map(button) : [el("p", { class: "quiet" }, words.my_nothing_found)]));
  }
  function first() {
    const shown = entries.slice(0, FIRST), picked = entries.find((each) => each.code === code);
    if (picked && !shown.includes(picked)) shown[FIRST - 1] = picked;
    return shown;
  }
  function draw() {
    const more = el("button", { type: "button", class: "more", "aria-expanded": String(open), onclick: () => {
      open = !open;
      draw();
      if (open) search.focus();
    } }, open ? words.my_fewer : words.my_more);
    chips.replaceChildren(...first().map(button), ...(entries.length > FIRST ? [more] : []));
    rest.hidden = !open;
    if (open) list();
  }
  draw();
  place.replaceChildren(chips, rest);
  return { value: () => code, set: (value) => { code = value; draw(); } };
}

// How often each was used on this phone by this account comes first, then what `otherwise` counts, then the given order.
export function byUse(account, what, entries, otherwise = {}) {
  const used = uses(account, what);
  const rank = (each) => (used[each.code] ?? 0) * 1000 + (otherwise[each.code] ?? 0);
  return [...entries].sort((a, b) => rank(b) - rank(a));
}

export function count(account, what, code) {
  const used = uses(account, what);
  used[code] = (used[code] ?? 0) + 1;
  localStorage.setItem(`gridmap-used/${what}/${account}`, JSON.stringify(used));
}

const uses = (account, what) => JSON.parse(localStorage.getItem(`gridmap-used/${what}/${account}`) ?? "{}");
