// BUILD and FIRST stand above, written by vaedemo/app/site. What was seen once is there again offline; a site that was
// written anew has another BUILD, so another store, and the older one goes.
const OURS = `vaedemo ${self.registration.scope} `; // other sites may lie on the same host
const NAME = OURS + BUILD;

self.addEventListener('install', event => {
  event.waitUntil(
    caches.open(NAME).then(store => store.addAll(FIRST.map(address => new Request(address, {cache: 'no-cache'})))),
  );
});

self.addEventListener('activate', event => {
  event.waitUntil(
    caches
      .keys()
      .then(names =>
        Promise.all(names.filter(name => name.startsWith(OURS) && name !== NAME).map(name => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', event => {
  const {request} = event;
  if (request.method === 'GET' && request.url.startsWith(self.registration.scope)) event.respondWith(answer(request));
});

/** What the address says behind "?" is for the page, not for the host. */
async function answer(request) {
  const store = await caches.open(NAME);
  const kept = await store.match(request, {ignoreSearch: true});
  if (kept) return kept;
  const fetched = await fetch(request);
  if (fetched.ok) await store.put(request.url.split('?')[0], fetched.clone());
  return fetched;
}
