// What the page shows: asked of the service when there is one, else as it was kept on the phone, for one account alone.
import { ask, Refused, Unreachable } from "../common.js";
import { forget, keep, kept } from "./store.js";

const AREAS_MOST = 20, LIST_MOST = 200, BUILDINGS_MOST = 1000, SENT_MOST = 20, ROUNDS_MOST = 100, TOGETHER = 6;
const HOUR = 3_600_000; // so long areas, buildings and categories are not asked for again
const PAD = 0.002, GROUND_PAD = 0.008; // degrees around my areas: of buildings some 200 m, of roads and hills more
const WIDE = 0.06; // degrees: over so much nobody looks at single buildings

const NOTHING = { category: {}, work: {} };

export const data = {
  me: null, areas: [], buildings: [], places: [], categories: [], kinds: [], ground: null, zone: undefined, used: NOTHING,
  cases: [], details: {}, sent: [], rounds: [], at: null, drawnAt: null, online: false, signedOut: false, problem: null,
};

// Ask everything anew. What is shown meanwhile, and where there is no network, is what was kept.
export async function refresh(show) {
  if (!data.me) await recall(show);
  try {
    const me = await ask("/api/v1/me");
    if (data.me && data.me.name !== me.name) await clear();
    const stale = !(Date.now() - Date.parse(data.drawnAt) < HOUR) || JSON.stringify(data.me?.areas) !== JSON.stringify(me.areas);
    Object.assign(data, { me, online: true, signedOut: false, problem: null });
    if (stale) await district(me);
    await cases(show, me);
    data.at = new Date().toISOString();
    await keep("data", { ...data, online: false });
  } catch (error) {
    if (error instanceof Unreachable) data.online = false;
    else if (error instanceof Refused && error.status === 401) await signedOut();
    else if (!(error instanceof Refused)) throw error;
    else data.problem = error.message;
  }
  show();
}

async function recall(show) {
  const held = await kept("data");
  if (!held) return;
  Object.assign(data, held, { online: false, signedOut: false });
  show();
}

// Whoever holds the phone now has not signed in: nothing is shown to them. The queue stays.
export async function signedOut() {
  await clear();
  Object.assign(data, { online: true, signedOut: true });
}

export async function clear() {
  const key = `draft/${data.me?.name}`, draft = await kept(key);
  await forget();
  if (draft) await keep(key, draft); // for its writer, when they are back
  Object.assign(data, { me: null, areas: [], buildings: [], places: [], ground: null, used: NOTHING, cases: [], details: {}, sent: [], rounds: [], at: null, drawnAt: null });
}

const listed = async (path) => (await ask(path)).items;

async function district(me) {
  const mine = me.areas.filter((area) => area.kind !== "unit").slice(0, AREAS_MOST);
  data.areas = mine.length
    ? await Promise.all(mine.map((area) => ask(`/api/v1/areas/${area.kind}/${encodeURIComponent(area.code)}`)))
    : (await ask("/api/v1/areas?kind=subdistrict")).features; // of somebody without duties, the whole
  data.categories = await listed("/api/v1/categories");
  const box = bounds(data.areas, PAD);
  const within = (sides) => (sides ? `?bbox=${sides.join(",")}` : "?");
  const around = within(box);
  const page = await ask(`/my/ground${within(bounds(data.areas, GROUND_PAD))}`);
  Object.assign(data, { ground: page.ground, kinds: page.kinds, zone: page.zone });
  const close = box && box[2] - box[0] < WIDE;
  data.buildings = close ? (await ask(`/api/v1/areas${around}&kind=building&limit=${BUILDINGS_MOST}`)).features : [];
  data.places = close ? (await ask(`/api/v1/places${around}&limit=${LIST_MOST}`)).features : [];
  data.used = await used(me);
  data.drawnAt = new Date().toISOString();
}

// How often each category was reported, and each kind of work done, lately in my grids.
async function used(me) {
  const found = { category: {}, work: {} };
  const add = (of, code) => { of[code] = (of[code] ?? 0) + 1; };
  for (const grid of me.areas.filter((area) => area.kind === "grid")) {
    const lately = `grid=${encodeURIComponent(grid.code)}&limit=100`;
    for (const each of await listed(`/api/v1/reports?${lately}`)) add(found.category, each.category);
    for (const each of await listed(`/api/v1/works?${lately}`)) add(found.work, each.kind);
  }
  return found;
}

// Live cases that wait for me, and those of my grids and communities; what I reported lately; what I am to inspect.
export async function cases(show = () => {}, me = data.me) {
  const asked = [
    ...me.recipients.map((recipient) => `recipient=${encodeURIComponent(recipient)}`),
    ...me.areas.filter(({ kind }) => kind === "grid" || kind === "community")
      .map(({ kind, code }) => `${kind}=${encodeURIComponent(code)}`),
  ];
  data.sent = await listed(`/api/v1/me/reports?limit=${SENT_MOST}`);
  data.rounds = me.inspects.length ? await listed(`/api/v1/inspections?mine=true&covered=false&limit=${ROUNDS_MOST}`) : [];
  const lists = await Promise.all(asked.map((filter) => listed(`/api/v1/cases?${filter}&state=live&limit=${LIST_MOST}`)));
  data.cases = [...new Map(lists.flat().map((each) => [each.id, each])).values()];
  const own = data.cases.filter((each) => mine(each).length);
  const known = own.filter((each) => data.details[each.id]?.seq === each.seq).map((each) => [each.id, data.details[each.id]]);
  data.details = Object.fromEntries(known);
  show(); // the list is there; what is asked for each of them comes in as it comes
  const missing = own.filter((each) => !(each.id in data.details));
  for (let first = 0; first < missing.length; first += TOGETHER) {
    const some = missing.slice(first, first + TOGETHER);
    const found = await Promise.all(some.map((each) => detail(each.id)));
    some.forEach((each, index) => { data.details[each.id] = found[index]; });
  }
}

async function detail(id) {
  const whole = await ask(`/api/v1/cases/${id}`);
  const report = whole.reports.length ? await ask(`/api/v1/reports/${whole.reports[0]}`) : null;
  return { seq: whole.seq, tasks: whole.tasks, words: report?.description ?? "" };
}

// YYYY-MM-DD where the district lies.
export const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: data.zone }).format(new Date());

// As which of its recipients a case waits for me.
export const mine = (each) => each.waiting_for.filter((recipient) => data.me?.recipients.includes(recipient));

// [west, south, east, north] around features, with `pad` degrees of room; null for none.
function bounds(features, pad) {
  const corners = features.flatMap((feature) => feature.geometry.coordinates.flat(Infinity));
  if (!corners.length) return null;
  const lons = corners.filter((_, index) => index % 2 === 0), lats = corners.filter((_, index) => index % 2);
  const least = (values) => values.reduce((a, b) => Math.min(a, b)), most = (values) => values.reduce((a, b) => Math.max(a, b));
  return [least(lons) - pad, least(lats) - pad, most(lons) + pad, most(lats) + pad].map((value) => Number(value.toFixed(6)));
}
