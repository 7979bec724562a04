// <linkback-mentions>: the mentions of an article, under the article.
//
//   <linkback-mentions></linkback-mentions>
//   <script type="module" src="https://SERVICE/widget.js"></script>
//
// Attributes: `target` (default: the canonical link, else the address), `heading`. To restyle it:
// --linkback-line, --linkback-soft, --linkback-mark, ::part(card | title | byline | excerpt | more).
//
// What it shows was written by strangers: text nodes and checked http(s) links, never markup, and
// nothing that a browser would load.

const API = new URL("api/v1/mentions", import.meta.url);
const PAGE = new URL("mentions", import.meta.url);
const FORM = new URL("webmention", import.meta.url);
const PAGE_SIZE = 50;

const STYLE = `
:host { display: block; --line: var(--linkback-line, color-mix(in srgb, currentColor 18%, transparent));
  --soft: var(--linkback-soft, color-mix(in srgb, currentColor 68%, transparent));
  --mark: var(--linkback-mark, color-mix(in srgb, #f5b800 34%, transparent)) }
:host([hidden]) { display: none }
* { box-sizing: border-box; margin: 0 }
h3 { margin-bottom: .75em; font: inherit; font-weight: 600; color: var(--soft) }
ol { padding: 0; list-style: none }
li { padding: 1em 0; border-top: 1px solid var(--line); overflow-wrap: anywhere }
a { color: inherit; text-underline-offset: .15em; text-decoration-thickness: .07em }
a:hover { text-decoration-thickness: .14em }
.title { font-weight: 600 }
.byline, .note { color: var(--soft); font-size: .9em }
blockquote { margin-top: .5em; white-space: pre-line }
mark { padding: 0 .1em; border-radius: 2px; background: var(--mark); color: inherit }
button { margin-top: .5em; padding: .5em 1em; border: 1px solid var(--soft); border-radius: 6px;
  background: none; color: inherit; font: inherit; font-size: .9em; cursor: pointer }
button:hover { border-color: currentColor }
button:disabled { opacity: .6; cursor: default }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; border-radius: 2px }
`;

// What somebody does, after their name: the kinds, and the answers to an invitation.
const DEEDS = {
  rsvp: "answered the invitation", yes: "is coming", no: "is not coming", maybe: "may come",
  interested: "is interested", repost: "reposted this", like: "likes this", reaction: "reacted",
  reply: "replied", quotation: "quoted this", bookmark: "bookmarked this",
  invite: "sent an invitation", "person-tag": "tagged this page", listen: "listened to this",
  read: "read this", watch: "watched this", play: "played this", mention: "mentions this",
};

// No <style> element: a host page's CSP may forbid it.
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

/** Makes an element; strings among `children` become text nodes. */
function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

/** The URL if it is http(s), else null: never `javascript:`. */
function webUrl(text) {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

/** A link, or text where there is nowhere safe to go. */
function link(href, attributes, ...children) {
  const url = webUrl(href);
  if (!url) return make("span", attributes, ...children);
  return make("a", { ...attributes, href: url.href, rel: "nofollow ugc noopener" }, ...children);
}

/** A `<time>` of what begins with YYYY-MM-DD: the author's own day, wherever the reader is. */
function day(text, locale) {
  const date = new Date(`${text?.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return null;
  const options = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  let shown;
  try {
    shown = date.toLocaleDateString(locale, options);
  } catch {
    // `lang` is no language tag.
    shown = date.toLocaleDateString(undefined, options);
  }
  return make("time", { datetime: text, dir: "auto" }, shown);
}

function card(mention, locale) {
  const { author, content, excerpt, kind, language } = mention;
  const source = webUrl(mention.url) ?? webUrl(mention.source);
  const site = mention.site_name || (author?.name ? null : source?.host);
  const bdi = (text) => text && make("bdi", {}, text);
  const writer = author?.name && link(author.url, {}, bdi(author.name));
  const isDeed = kind !== "mention" || (writer && !mention.title);

  const pieces = isDeed ? [writer && bdi(site)] : [bdi(site), writer];
  pieces.push(day(mention.published, locale)
    ?? make("bdi", {}, "noticed ", day(mention.received, locale)));
  const byline = pieces.filter(Boolean).flatMap((piece, i) => (i ? [" · ", piece] : [piece]));

  let title = [link(source?.href, {}, mention.title || source?.href.replace(/^https?:\/\//, "") || "Untitled")];
  if (isDeed) {
    const deed = DEEDS[(kind === "rsvp" && mention.rsvp) || kind] ?? DEEDS.mention;
    const emoji = kind === "reaction" && content?.text ? ` with ${content.text}` : "";
    title = [writer || bdi(site), " ", link(source?.href, {}, deed + emoji)];
  }
  // Takes the direction of the title, which comes first.
  const item = make("li", { part: "card", dir: "auto" },
    make("p", { class: "title", part: "title", lang: isDeed ? null : language }, ...title),
    make("p", { class: "byline", part: "byline" }, ...byline));
  // A like's text is filler; of a page, the words round the link are shown, of an answer its own.
  const own = !/^(mention|quotation)$/.test(kind) && (content?.text || mention.summary);
  if ((own || excerpt) && !/^(like|repost|reaction)$/.test(kind)) {
    item.append(make("blockquote", { part: "excerpt", dir: "auto", lang: language }, ...(own ? [own]
      : [excerpt.before, make("mark", {}, excerpt.linked), excerpt.after])));
  }
  return item;
}

class LinkbackMentions extends HTMLElement {
  static observedAttributes = ["target"];
  #root = this.attachShadow({ mode: "open" });
  #loading = null;

  connectedCallback() {
    this.#root.adoptedStyleSheets = [sheet];
    this.#start();
  }

  disconnectedCallback() {
    this.#loading?.abort();
  }

  attributeChangedCallback(_name, before, now) {
    if (this.isConnected && before !== now) this.#start();
  }

  /** The article: what the element says, else the page, else its address. */
  get target() {
    const said = this.getAttribute("target") || document.querySelector('link[rel~="canonical"]')?.href;
    const url = new URL(said || location.href, document.baseURI);
    if (!said) url.hash = "";
    return url.href;
  }

  async #start() {
    this.#loading?.abort();
    const loading = (this.#loading = new AbortController());
    const note = make("p", { class: "note", role: "status" }, "Looking for mentions…");
    this.#root.replaceChildren(note);
    try {
      const page = await this.#fetch(null, loading.signal);
      this.#show(page, loading, note);
    } catch {
      if (!loading.signal.aborted) this.#apologise(note);
    }
  }

  async #fetch(cursor, signal) {
    const url = new URL(API);
    url.search = new URLSearchParams({ target: this.target, limit: PAGE_SIZE, ...(cursor && { cursor }) });
    // The reader stays unknown to the service.
    const answer = await fetch(url, { signal, credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer.json();
  }

  #show(page, loading, note) {
    if (!page.mentions.length) {
      note.replaceChildren("No mentions yet. Written about it? ", this.#linkTo(FORM, "Tell us"), ".");
      return;
    }
    const lang = this.closest("[lang]")?.lang || undefined;
    // Plain English: the day first, as in the service's pages.
    const locale = lang === "en" ? "en-GB" : lang;
    const count = page.total === 1 ? "1 mention" : `${page.total} mentions`;
    const heading = make("h3", { id: "heading" }, this.getAttribute("heading") || count);
    const list = make("ol", { "aria-labelledby": "heading" });
    const more = make("button", { type: "button", part: "more" }, "Show more");
    let next;
    const add = ({ mentions, next: cursor }) => {
      const items = mentions.map((mention) => card(mention, locale));
      list.append(...items);
      next = cursor;
      if (!next) more.remove();
      return items[0];
    };
    more.addEventListener("click", async () => {
      more.disabled = true;
      try {
        const first = add(await this.#fetch(next, loading.signal));
        // The button may be gone, and the keyboard focus with it.
        first?.querySelector("a")?.focus();
        more.textContent = "Show more";
      } catch {
        more.textContent = "That did not work. Try again";
      }
      more.disabled = false;
    });
    this.#root.replaceChildren(heading, list, more);
    add(page);
  }

  #apologise(note) {
    note.replaceChildren("The mentions could not be loaded here. ",
      this.#linkTo(PAGE, "See them on their own page"), ".");
  }

  /** A link to our page about this article. */
  #linkTo(page, text) {
    const url = new URL(page);
    url.searchParams.set("target", this.target);
    return link(url.href, {}, text);
  }
}

if (!customElements.get("linkback-mentions")) {
  customElements.define("linkback-mentions", LinkbackMentions);
}
