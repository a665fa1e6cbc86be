// The service worker of /my: the shell and its files at once and without a network, and sending when the phone is back.
// It controls /my alone (its scope), so no other page can ever get an old file from it. Data are the page's own matter.
import { send, TAG } from "./sending.js";

const SHELL = "/my";

// `version` and `files` are written by the service, which knows what they hold: see gridmap/faces/pages/my.py.
export function work(version, files) {
  const here = `gridmap-my-${version}`;
  self.addEventListener("install", (event) => event.waitUntil(install(here, files)));
  self.addEventListener("activate", (event) => event.waitUntil(activate(here)));
  self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== location.origin) return;
    if (event.request.mode === "navigate" && url.pathname === SHELL) event.respondWith(shell(here, event.request));
    else if (files.includes(url.pathname)) event.respondWith(file(here, event.request));
  });
  self.addEventListener("sync", (event) => {
    if (event.tag === TAG) event.waitUntil(whole());
  });
}

// All or nothing. A redirect is the way to the sign-in page, which must not stand for the shell.
async function install(here, files) {
  const cache = await caches.open(here);
  await Promise.all([SHELL, ...files].map(async (path) => {
    const answer = await fetch(path, { cache: "no-cache", redirect: "error" });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await cache.put(path, answer);
  }));
  await self.skipWaiting();
}

async function activate(here) {
  const names = (await caches.keys()).filter((name) => name.startsWith("gridmap-my-") && name !== here);
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.clients.claim();
}

const shell = async (here, request) => (await (await caches.open(here)).match(SHELL)) ?? fetch(request);
const file = async (here, request) =>
  (await (await caches.open(here)).match(request, { ignoreSearch: true })) ?? fetch(request);

// The browser tries again later when this fails.
async function whole() {
  if ((await send()) === "later") throw new Error("not all could be sent");
}
