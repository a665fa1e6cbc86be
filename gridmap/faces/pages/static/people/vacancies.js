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
const share = (vacant, seats) => made("meter", { min: 0, max: seats, value: seats - vacant, "aria-hidden": "true" });
const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);
const whole = (seats) => made("span", { class: "quiet" }, word("of_seats", { number: seats }));

export async function show() {
  try {
    tally = (await get("seats/tally")).items;
  } catch (error) {
    return sayRefusal(error);
  }
  draw();
}

function draw() {
  tiles.replaceChildren(...data.chiefs.map(tile));
  const communities = byCommunity();
  const shown = everyone.checked
    ? communities
    : communities.filter((each) => each.vacant).sort((a, b) => b.vacant - a.vacant);
  place.replaceChildren(...shown.map(folded));
  if (!communities.length) place.append(made("p", { class: "detail" }, word("no_seats")));
  else if (!shown.length) place.append(made("p", { class: "detail" }, word("none_vacant", { post: postName(post) })));
}

function tile(code) {
  const mine = tally.filter((each) => each.post === code);
  const seats = sum(mine, "seats"), vacant = sum(mine, "vacant");
  const choose = () => {
    post = code;
    opened.clear();
    draw();
    tiles.querySelector("[aria-pressed=true]").focus();
  };
  return made("button", { type: "button", class: "tile", "aria-pressed": String(code === post), click: choose },
    made("span", { class: "name" }, postName(code)), lack(vacant), whole(seats), share(vacant, seats));
}

function byCommunity() {
  const found = new Map();
  for (const each of tally.filter((one) => one.post === post)) {
    const code = each.community?.code ?? "";
    const known = found.get(code) ?? { code, name: each.community?.name ?? word("no_community"), seats: 0, vacant: 0 };
    known.seats += each.seats;
    known.vacant += each.vacant;
    found.set(code, known);
  }
  return [...found.values()];
}

function folded(community) {
  const { code, name, seats, vacant } = community;
  const inside = made("div", { class: "inside" });
  const box = made("details", { class: "community" },
    made("summary", {}, made("b", {}, name), lack(vacant), whole(seats), share(vacant, seats)),
    inside);
  box.addEventListener("toggle", () => {
    if (!box.open) return opened.delete(code);
    opened.add(code);
    if (!inside.childElementCount) fill(inside, community);
  });
  if (opened.has(code)) box.open = true;
  return box;
}

function fill(inside, community) {
  const known = []; // the vacant ones that have come so far
  let grid = null, list = null;
  const wanted = { post, community: community.code || null, vacant: everyone.checked ? null : true, limit: 60 };
  paged(inside, (after) => get("seats", { ...wanted, after }), (items) => {
    known.push(...items.filter((each) => each.vacant));
    for (const seat of items) {
      const code = seat.grid?.code ?? "";
      if (list === null || code !== grid) {
        grid = code;
        list = made("ul", { class: "seats" });
        if (seat.area.kind !== "grid") inside.append(made("h3", {}, seat.grid?.name ?? word("no_grid")));
        inside.append(list);
      }
      list.append(line(seat, known));
    }
  });
}

const nameOf = (seat) => `${seat.area.name} ${postName(seat.post)}`;

function line(seat, known) {
  const label = word("fill_post_of", { what: nameOf(seat) });
  const held = seat.holders.flatMap((each) => [made("a", { href: personAddress(each.person) }, each.name), " "]);
  return made("li", {},
    made("span", {}, seat.area.name, " ", made("small", { class: "quiet" }, seat.area.code)),
    seat.vacant
      ? button(word("fill_post"), () => fillSeat(seat, besides(seat, known)), { class: "fill", "aria-label": label })
      : made("span", { class: "held" }, ...held));
}

// what is vacant nearby and may go to the same person: a building's other units, a grid's other buildings
const house = (seat) => (seat.area.kind === "unit" ? seat.area.code.replace(/-\d+$/, "") : seat.grid?.code);
const besides = (seat, known) =>
  seat.area.kind === "grid"
    ? []
    : known.filter((each) => each.area.code !== seat.area.code && house(each) === house(seat)).slice(0, 12);

async function fillSeat(seat, near) {
  const known = (now) => now.way === "known", fresh = (now) => now.way === "new";
  const done = await openForm({
    title: word("fill_post_of", { what: nameOf(seat) }),
    go: word("fill_post"),
    fields: [
      {
        name: "way", label: word("who_is_it"), type: "radio", value: "known",
        options: [["known", word("way_known")], ["new", word("way_new")]],
      },
      {
        name: "person", label: word("person"), type: "choose", required: true, placeholder: word("type_name"),
        source: personSource, value: lastPerson?.value, text: lastPerson?.text, shown: known,
        picked: (option) => (lastPerson = option),
      },
      { name: "name", label: word("name"), required: true, most: 100, shown: fresh },
      { name: "phone", label: word("phone"), type: "tel", most: 60, shown: fresh },
      {
        name: "valid_from", label: word("from_day"), type: "date", required: true, value: today(), also: ["area_code"],
      },
      {
        name: "more", label: word("fill_more"), type: "ticks", shown: () => near.length > 0,
        options: near.map((each) => [each.area.code, each.area.name]),
      },
    ],
    submit: async (values) => {
      const area = { area_kind: seat.area.kind, area_code: seat.area.code, more: values.more ?? [] };
      const duty = { post: seat.post, ...area, valid_from: values.valid_from };
      if (values.way === "known") return (await send("POST", "duties", { ...duty, person: values.person })).items;
      return (await send("POST", "people", { name: values.name, phone: values.phone || null, duty })).duties;
    },
  });
  if (!done) return;
  const first = done.find((duty) => duty.area.code === seat.area.code);
  const more = done.length > 1 ? word("and_more", { number: done.length - 1 }) : "";
  say(word("filled", { name: first.name, what: nameOf(seat), day: first.valid_from }) + more);
  await show();
}
