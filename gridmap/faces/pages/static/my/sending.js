// Sending the queue: in order, never twice, never lost. Shared by the page and its worker.
//
// An entry: {number, account, kind: report | work | move | round, title, at, path, body, photos: [{id, bytes}], state: waiting |
// refused, said, tried, seq, done}. `body` is the very text that is sent, each time the same, with the client id made on the
// phone: the service knows it again. An entry goes only when the service has acknowledged all of it.
import { ask, Refused, Unreachable } from "../common.js";
import { change, queued, unqueue } from "./store.js";

export const TAG = "gridmap-my"; // of the lock, the channel and Background Sync
const PHOTO_PATIENCE = 180_000;

const channel = new BroadcastChannel(TAG);
export const tell = (what) => channel.postMessage(what);
export const hear = (listen) => { new BroadcastChannel(TAG).onmessage = (event) => listen(event.data); };

// one sender at a time over all tabs and the worker; where there are no locks (plain http), one in this page
let last = Promise.resolve();
const alone = (work) => navigator.locks ? navigator.locks.request(TAG, work) : (last = last.then(work, work));

// Send what is waiting for the account that is signed in now.
// -> "done", "later" (no network, or the service cannot now), "signed_out"
export function send() {
  return alone(async () => {
    const passed = new Set(); // of another account, or refused just now
    for (;;) {
      const entry = (await queued()).find((each) => each.state === "waiting" && !passed.has(each.number));
      if (!entry) return "done";
      passed.add(entry.number);
      try {
        // asked before each: who is signed in may have changed, and nobody sends as another
        const me = await ask("/api/v1/me");
        if (me.name !== entry.account) continue;
        tell({ sending: entry.number });
        await deliver(entry, me);
        await unqueue(entry.number);
        tell({ sent: entry.number, kind: entry.kind });
      } catch (error) {
        tell({ stopped: entry.number });
        if (error instanceof Unreachable) return "later";
        if (!(error instanceof Refused)) throw error;
        if (error.status === 401) return "signed_out";
        await change(entry.number, { state: "refused", said: { status: error.status, field: error.field, detail: error.message } });
        tell({ refused: entry.number });
      }
    }
  });
}

async function deliver(entry, me) {
  if (entry.done === undefined) {
    if (entry.kind === "move" && entry.tried && (await made(entry, me))) return;
    await change(entry.number, { tried: true });
    const answer = await ask(entry.path, { method: "POST", body: entry.body });
    entry.done = answer.id;
    await change(entry.number, { done: entry.done });
  }
  while (entry.photos.length) {
    const [photo, ...rest] = entry.photos;
    await ask(`/api/v1/reports/${entry.done}/photos?client_id=${photo.id}`,
      { method: "POST", body: photo.bytes, type: "image/jpeg", patience: PHOTO_PATIENCE });
    entry.photos = rest;
    await change(entry.number, { photos: rest });
  }
}

// A move has no client id. Where it went out before and no answer came, the history says whether it was made: there by the
// code of the person, or the name of an account that stands for nobody.
async function made(entry, me) {
  const { move, details, reason } = JSON.parse(entry.body);
  const { history } = await ask(entry.path.replace(/\/moves$/, ""));
  return history.some((line) => line.seq > entry.seq && line.move === move && [me.name, me.person].includes(line.actor) &&
    line.reason === (reason ?? "") && line.details.recipient === details?.recipient &&
    line.details.finding === details?.finding);
}
