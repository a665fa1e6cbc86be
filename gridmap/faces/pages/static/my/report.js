// A new report: where (the phone's position, or a pin moved by hand), what, words, photos; into the queue.
import { el, fill } from "../common.js";
import { data } from "./data.js";
import { makeMap, phoneMark, pin } from "./map.js";
import { address, newId, scaled } from "./photos.js";
import { byUse, count, picker } from "./picker.js";
import { datum, follow, here, problem } from "./position.js";
import { put } from "./queue.js";
import { keep, kept } from "./store.js";
import { categoryName } from "./tasks.js";
import { words } from "./words.js";

const PHOTOS_MOST = 4;
const find = (name) => document.querySelector(`#report ${name}`);
let draft, category, spot, stop, map;

const key = () => `draft/${data.me.name}`;
const save = () => keep(key(), { ...draft, category: category.value() });

// Open the sheet, with what was left in it unsent; `found`: what an inspection came upon, {category, words, at: [lon, lat]}.
export async function open(found) {
  draft = (await kept(key())) ?? { category: null, words: "", photos: [] };
  if (found) {
    draft.category = found.category ?? draft.category;
    draft.words = [found.words, draft.words].filter(Boolean).join("\n");
  }
  find("textarea").value = draft.words;
  category = picker(find(".picker"), byUse(data.me.name, "category", data.categories, data.used.category), draft.category, () => {
    say("");
    save();
  });
  say("");
  photos();
  document.getElementById("report").showModal();
  place(found?.at);
  if (found) await save();
}

function place(at) {
  map?.remove();
  const drawn = makeMap(find(".map"), data);
  map = drawn.map;
  const mark = phoneMark(map);
  spot = pin(map, where);
  stop?.();
  stop = follow(({ reading, point }) => {
    if (point) {
      mark(point, reading.accuracy);
      spot.follow(point);
    }
    where();
  });
  if (at) spot.show(at);
}

function where() {
  const line = find(".where");
  const back = find(".back-to-me");
  back.hidden = !spot?.moved() || !here.point;
  if (spot?.moved()) line.textContent = words.my_pin_by_hand;
  else if (here.point) line.textContent = fill(words.my_accuracy, { metres: Math.round(here.reading.accuracy) });
  else line.textContent = problem();
}

function photos() {
  find(".photos").replaceChildren(...draft.photos.map((photo, index) => {
    const picture = el("img", { src: address(photo), alt: fill(words.my_photo_number, { number: index + 1 }),
      onload: (event) => URL.revokeObjectURL(event.target.src) });
    const remove = el("button", { type: "button", "aria-label": fill(words.my_photo_remove, { number: index + 1 }), onclick: () => {
      draft.photos.splice(index, 1);
      photos();
      save();
    } }, "×");
    return el("li", {}, picture, remove);
  }));
  find(".camera").hidden = draft.photos.length >= PHOTOS_MOST;
}

async function taken(event) {
  const files = [...event.target.files].slice(0, PHOTOS_MOST - draft.photos.length);
  event.target.value = "";
  say(words.my_photo_working, true);
  try {
    for (const file of files) draft.photos.push(await scaled(file));
    say("");
  } catch {
    say(words.my_photo_unreadable);
  }
  photos();
  await save();
}

function say(text, quiet = false) {
  find(".problem").textContent = text;
  find(".problem").classList.toggle("quiet", quiet);
}

// Where it is: as the phone gave it and in its datum, or, of a pin moved on the map, in the map's WGS-84.
function location() {
  if (spot.moved() || !here.reading) {
    const [lon, lat] = spot.at();
    return { lon: Number(lon.toFixed(7)), lat: Number(lat.toFixed(7)), datum: "wgs84" };
  }
  const { lon, lat, accuracy } = here.reading;
  return { lon, lat, datum: datum(), accuracy_m: Math.min(200_000, Math.max(1, Math.round(accuracy * 10) / 10)) };
}

async function send() {
  if (!category.value()) return say(words.my_need_category);
  if (!spot.at()) return say(words.my_need_position);
  const body = { client_id: newId(), category: category.value(), description: find("textarea").value.trim(),
    occurred_at: new Date().toISOString(), location: location() };
  const account = data.me.name;
  try {
    await put("report", categoryName(body.category), "/api/v1/reports", body, { photos: draft.photos }, key());
  } catch {
    return say(words.my_no_room);
  }
  count(account, "category", body.category);
  document.getElementById("report").close();
}

export function install() {
  find("input[type=file]").addEventListener("change", taken);
  find("textarea").addEventListener("input", (event) => { draft.words = event.target.value; save(); });
  find(".back-to-me").addEventListener("click", () => spot.release(here.point));
  find(".send").addEventListener("click", async (event) => {
    event.target.disabled = true; // two taps are one report
    try {
      await send();
    } finally {
      event.target.disabled = false;
    }
  });
  document.getElementById("report").addEventListener("close", () => { stop?.(); map?.remove(); stop = map = null; });
}
