// What the phone keeps, in IndexedDB: `queue` (what is still to be sent, in order), `kept` (answers and a draft, for
// the time without a network). Shared by the page and its worker. Nothing here asks the network.

const NAME = "gridmap-my";
let opening;

function database() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("queue", { keyPath: "number", autoIncrement: true });
      request.result.createObjectStore("kept");
    };
    request.onsuccess = () => {
      request.result.onversionchange = () => { request.result.close(); opening = undefined; };
      resolve(request.result);
    };
    request.onerror = () => { opening = undefined; reject(request.error); };
  });
  return opening;
}

// One transaction; resolved once it is on the disk (durability strict), not when it is merely in memory.
async function within(store, mode, work) {
  const transaction = (await database()).transaction(store, mode, { durability: "strict" });
  return new Promise((resolve, reject) => {
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

export const keep = (key, value) => within("kept", "readwrite", (store) => store.put(value, key));
export const kept = (key) => within("kept", "readonly", (store) => store.get(key));
export const forget = () => within("kept", "readwrite", (store) => store.clear());

export const queued = () => within("queue", "readonly", (store) => store.getAll());
export const unqueue = (number) => within("queue", "readwrite", (store) => store.delete(number));

// Into the queue; the draft that it was goes in the same transaction, so a tab that dies here leaves one of the two.
export async function enqueue(entry, draft = "") {
  const transaction = (await database()).transaction(["queue", "kept"], "readwrite", { durability: "strict" });
  transaction.objectStore("queue").add(entry);
  transaction.objectStore("kept").delete(draft);
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

// Only what is still there is changed: an entry that was dismissed meanwhile does not come back.
export async function change(number, values) {
  const transaction = (await database()).transaction("queue", "readwrite", { durability: "strict" });
  const store = transaction.objectStore("queue");
  return new Promise((resolve, reject) => {
    store.get(number).onsuccess = (event) => {
      if (event.target.result) store.put({ ...event.target.result, ...values });
    };
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}
