/// <reference types="@sveltejs/kit" />
/// <reference lib="webworker" />
import { build, version } from '$service-worker';

/*
 * Keeps the driver's page for when the network is down: the page itself, as it was last loaded, and the scripts and styles of this build.
 * It is registered for /driver/ only; what the page knows of its run, the page keeps itself.
 */
const worker = self as unknown as ServiceWorkerGlobalScope;
const cacheName = `chaoxi-driver-${version}`;
const page = '/driver/run';
const kept = new Set(build);

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll([...build, page]))
      .then(() => worker.skipWaiting()),
  );
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (kept.has(url.pathname)) event.respondWith(fromCache(request));
  else if (request.mode === 'navigate' && url.pathname === page) event.respondWith(freshPage(request));
});

async function fromCache(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page anew, e.g. in another language; the kept one when the network or the service is down. */
async function freshPage(request: Request): Promise<Response> {
  const response = await fetch(request).catch(() => null);
  if (response?.ok) await (await caches.open(cacheName)).put(page, response.clone());
  const isAway = response === null || response.status >= 500;
  return (isAway ? await caches.match(page) : undefined) ?? response ?? Response.error();
}
