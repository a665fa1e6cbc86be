// What is vacant: the three chiefs, by community and grid, with somebody to be found for each.
"use strict";
import { button, data, get, made, paged, personAddress, postName, say, sayRefusal, send, today, word } from "./base.js";
import { openForm, personSource } from "./forms.js";

const place = document.getElementById("vacancies-list");
const tiles = document.getElementById("vacancies-posts");
const everyone = document.getElementById("vacancies-all"); // held ones are listed too
everyone.addEventListener("change", () => draw());
let post = data.chiefs[0];
let tally = [];
let lastPerson = null; // who was chosen last: one person is often given several posts in a row
const opened = new Set(); // communities that are unfolded

const lack = (vacant) =>
  made("b", { class: vacant ? "lack" : "full" }, vacant ? word("lacking", { number: vacant }) : word("all_filled"));
const share = (vacant, seats) => {
  const bar = made("meter", { min: 0, max: seats, value: seats - vacant, "aria-hidden": "true" });
  return bar;
};

export async function show() {
  try {
    tally = (await get("seats/tally")).items;
  } catch (error) {
    return sayRefusal(error);
  }
  draw();
}

function draw() {
  tiles.replaceChildren(...data.chiefs.map((code) => {
    const mine = tally.filter((each) => each.post === code);
    const seats = sum(mine, "seats"), vacant = sum(mine, "vacant");
    return made("button", { type: "button", class: "tile", "aria-pressed": String(code === post), click: () => {
      post = code;
      opened.clear();
      draw();
      tiles.querySelector("[aria-pressed=true]").focus();
    } }, made("span", { class: "name" }, postName(code)), lack(vacant),
      made("span", { class: "quiet" }, word("of_seats", { number: seats })), share(vacant, seats));
  }));
  const communities = new Map();
  for (const each of tally.filter((one) => one.post === post)) {
    const code = each.community?.code ?? "";
    const known = communities.get(code) ?? { code, name: each.community?.name ?? word("no_community"), seats: 0, vacant: 0 };
    known.seats += each.seats;
    known.vacant += each.vacant;
    communities.set(code, known);
  }
  const shown = everyone.checked ? [...communities.values()]
    : [...communities.values()].filter((each) => each.vacant).sort((a, b) => b.vacant - a.vacant);
  place.replaceChildren(...shown.map(folded));
  if (!communities.size) place.append(made("p", { class: "detail" }, word("no_seats")));
  else if (!shown.length) place.append(made("p", { class: "detail" }, word("none_vacant", { post: postName(post) })));
}

const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);

function folded(community) {
  const inside = made("div", { class: "inside" });
  const box = made("details", { class: "community" },
    made("summary", {}, made("b", {}, community.name), lack(community.vacant),
      made("span", { class: "quiet" }, word("of_seats", { number: community.seats })), share(community.vacant, community.seats)),
    inside);
  box.addEventListener("toggle", () => {
    if (!box.open) return opened.delete(community.code);
    opened.add(community.code);
    if (!inside.childElementCount) fill(inside, community);
  });
  if (opened.has(community.code)) box.open = true;
  return box;
}

function fill(inside, community) {
  const known = []; // the vacant ones that have come so far
  let grid = null, list = null;
  paged(inside, (after) => get("seats", { post, community: community.code || null, vacant: everyone.checked ? null : true, limit: 60, after }), (items) => {
    known.push(...items.filter((each) => each.vacant));
    for (const seat of items) {
      const code = seat.grid?.code ?? "";
      if (list === null || code !== grid) {
        grid = code;
        list = made("ul", { class: "seats" });
        if (seat.area.kind !== "grid") inside.append(made("h3", {}, seat.grid?.name ?? word("no_grid")));
        inside.append(list);
      }
      const what = `${seat.area.name} ${postName(seat.post)}`;
      list.append(made("li", {}, made("span", {}, seat.area.name, " ", made("small", { class: "quiet" }, seat.area.code)),
        seat.vacant ? button(word("fill_post"), () => fillSeat(seat, besides(seat, known)), { class: "fill", "aria-label": word("fill_post_of", { what }) })
          : made("span", { class: "held" }, ...seat.holders.flatMap((each, at) => [at ? " " : "", made("a", { href: personAddress(each.person) }, each.name)]))));
    }
  });
}

// what is vacant nearby and may go to the same person: a building's other units, a grid's other buildings
const house = (seat) => seat.area.kind === "unit" ? seat.area.code.replace(/-\d+$/, "") : seat.grid?.code;
const besides = (seat, known) => seat.area.kind === "grid" ? [] :
  known.filter((each) => each.area.code !== seat.area.code && house(each) === house(seat)).slice(0, 12);

async function fillSeat(seat, near) {
  const what = `${seat.area.name} ${postName(seat.post)}`;
  const done = await openForm({
    title: word("fill_post_of", { what }),
    go: word("fill_post"),
    fields: [
      { name: "way", label: word("who_is_it"), type: "radio", value: "known", options: [["known", word("way_known")], ["new", word("way_new")]] },
      { name: "person", label: word("person"), type: "choose", required: true, source: personSource, placeholder: word("type_name"),
        value: lastPerson?.value, text: lastPerson?.text, picked: (option) => (lastPerson = option), shown: (now) => now.way === "known" },
      { name: "name", label: word("name"), required: true, most: 100, shown: (now) => now.way === "new" },
      { name: "phone", label: word("phone"), type: "tel", most: 60, shown: (now) => now.way === "new" },
      { name: "valid_from", label: word("from_day"), type: "date", required: true, value: today(), also: ["area_code"] },
      { name: "more", label: word("fill_more"), type: "ticks", options: near.map((each) => [each.area.code, each.area.name]), shown: () => near.length > 0 },
    ],
    submit: async (values) => {
      const duty = { post: seat.post, area_kind: seat.area.kind, area_code: seat.area.code, valid_from: values.valid_from, more: values.more ?? [] };
      if (values.way === "known") return (await send("POST", "duties", { ...duty, person: values.person })).items;
      const made = await send("POST", "people", { name: values.name, phone: values.phone || null, duty });
      return made.duties;
    },
  });
  if (!done) return;
  const first = done.find((duty) => duty.area.code === seat.area.code);
  say(word("filled", { name: first.name, what, day: first.valid_from }) + (done.length > 1 ? word("and_more", { number: done.length - 1 }) : ""));
  await show();
}
