// A work record: what was counted, how much, where it was named or where I stand; into the queue.
import { fill } from "../common.js";
import { data, today } from "./data.js";
import { newId } from "./photos.js";
import { byUse, count, picker } from "./picker.js";
import { datum, here } from "./position.js";
import { put } from "./queue.js";
import { titled, words } from "./words.js";

const find = (name) => document.querySelector(`#work ${name}`);
let kind;

const chosen = () => data.kinds.find((each) => each.code === kind.value());

export function open() {
  kind = picker(find(".picker"), byUse(data.me.name, "work", data.kinds, data.used.work), null, () => {
    find(".unit").textContent = chosen().unit;
    find(".problem").textContent = "";
  });
  find(".quantity").value = "1";
  find(".unit").textContent = "";
  find(".place").value = find("textarea").value = find(".problem").textContent = "";
  const reading = here.reading;
  find(".here").checked = Boolean(reading);
  find(".here").disabled = !reading;
  find(".here-words").textContent = reading ? fill(words.my_work_here, { metres: Math.round(reading.accuracy) }) : words.my_work_nowhere;
  document.getElementById("work").showModal();
}

function step(by) {
  const field = find(".quantity");
  field.value = String(Math.max(1, Math.round((Number(field.value) || 0) + by)));
}

async function send() {
  const say = (text) => { find(".problem").textContent = text; };
  const quantity = Number(find(".quantity").value.replace(",", "."));
  if (!kind.value()) return say(words.my_need_kind);
  if (!(quantity > 0)) return say(words.my_need_quantity);
  const body = { client_id: newId(), kind: kind.value(), quantity, occurred_on: today(),
    place_name: find(".place").value.trim(), note: find("textarea").value.trim() };
  if (find(".here").checked && here.reading) body.location = { lon: here.reading.lon, lat: here.reading.lat, datum: datum() };
  const account = data.me.name;
  const title = `${titled(chosen())} ${quantity} ${chosen().unit}`;
  await put("work", title, "/api/v1/works", body);
  count(account, "work", body.kind);
  document.getElementById("work").close();
}

export function install() {
  find(".less").addEventListener("click", () => step(-1));
  find(".more-of-it").addEventListener("click", () => step(1));
  find(".send").addEventListener("click", async (event) => {
    event.target.disabled = true;
    try {
      await send();
    } finally {
      event.target.disabled = false;
    }
  });
}
