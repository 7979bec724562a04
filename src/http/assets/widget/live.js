// New mentions under an open page, for <linkback-mentions live>: by Server-Sent Events, or where a
// server or a proxy has none, by asking now and then whether anything has changed.

const HERE = new URL("../", import.meta.url);
// Between two looks where nothing is streamed, in seconds.
const SELDOM = 30;

/**
 * Tells of what changes from now on, until `signal`: `changed(mention)`, `deleted(id)`. `page` is what
 * `read()` said last; `seconds` says how often to ask where there is no stream.
 */
export function follow(target, { signal, seconds, page, read, changed, deleted }) {
  let known = page;
  const url = new URL("api/v1/events", HERE);
  url.search = new URLSearchParams({ target, version: page.version });
  const events = new EventSource(url);
  signal.addEventListener("abort", () => events.close());
  events.addEventListener("mention", (event) => changed(JSON.parse(event.data)));
  events.addEventListener("deleted", (event) => deleted(JSON.parse(event.data).id));
  // There was more than the stream can tell of.
  events.addEventListener("changed", look);
  events.addEventListener("error", () => {
    // The browser comes back by itself after a broken connection, and gives up on what is no stream.
    if (events.readyState === EventSource.CLOSED) poll();
  });

  async function poll() {
    const pause = Math.max(Number(seconds) || SELDOM, 1) * 1000;
    while (!signal.aborted) {
      await new Promise((done) => setTimeout(done, pause));
      // Nobody reads what is in the background.
      if (!document.hidden && !signal.aborted) await look();
    }
  }

  async function look() {
    try {
      // With the ETag of the last answer: the browser's cache sees to it, and an unchanged page is a 304.
      const now = await read();
      if (now.version !== known.version) tell(known.mentions, now);
      known = now;
    } catch {
      // The next look may do better.
    }
  }

  function tell(before, { mentions, next }) {
    const old = new Map(before.map((mention) => [mention.id, JSON.stringify(mention)]));
    for (const mention of [...mentions].reverse()) {
      if (old.get(mention.id) !== JSON.stringify(mention)) changed(mention);
      old.delete(mention.id);
    }
    // What is older than the last of a full page may only have been pushed out of it.
    const last = next ? mentions.at(-1).id : 0;
    for (const id of old.keys()) if (id > last) deleted(id);
  }
}
