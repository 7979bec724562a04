// <linkback-mentions>: the mentions of an article, under the article.
//
//   <linkback-mentions></linkback-mentions>
//   <script type="module" src="https://SERVICE/widget.js"></script>
//
// docs/embedding.md says which attributes, slots, parts and custom properties it has.

import { HERE, link, make, place } from "./dom.js";
import { Entry } from "./entry.js";
import { textsFor } from "./texts.js";

// So many mentions are asked for at first, and when a reader wants to see more.
const FIRST = 100;
const REST = 1000;
// So many entries are shown at first and with each click, and so many faces of a pile.
const STEP = 20;
const FACES = 12;
// Replies to replies are indented so often; those below them no further.
const DEEPEST = 4;

const PILES = ["like", "repost", "bookmark", "reaction"];
const ANSWERS = ["yes", "maybe", "interested", "no"];
// All that is shown as a page that links here.
const CARDS = /^(?!reply|rsvp|like|repost|bookmark|reaction)/;

// No <style> element: a host page's policy may forbid it.
const sheet = new CSSStyleSheet();
sheet.replaceSync("{{style.css}}");

/** The article: what the element says, else the page, else its address. */
function targetOf(element) {
  const said = element.getAttribute("target") || document.querySelector('link[rel~="canonical"]')?.href;
  const url = new URL(said || location.href, document.baseURI);
  if (!said) url.hash = "";
  return url.href;
}

async function read(target, query, signal) {
  const url = new URL("api/v1/mentions", HERE);
  url.search = new URLSearchParams({ target, ...query });
  // The reader stays unknown to the service.
  const answer = await fetch(url, { signal, credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

/**
 * Which mentions answer which: what one's page shows as a comment, and was reported here as well,
 * stands below it. Only what came later does, so that nothing is below itself.
 */
function nest(mentions) {
  const known = new Map(mentions.map((mention) => [mention.url, mention]));
  const nested = new Set();
  const below = new Map();
  for (const mention of mentions) {
    const answers = [];
    for (const comment of mention.comments ?? []) {
      const own = comment.url && known.get(comment.url);
      if (own && (own.id <= mention.id || nested.has(own))) continue;
      if (own) nested.add(own);
      if (comment.kind === "reply") answers.push(own ?? { ...comment, content: comment });
    }
    below.set(mention, answers);
  }
  return { top: mentions.filter((mention) => !nested.has(mention)), below };
}

/** What tells a mention from all others; comments have no number. */
const keyOf = (mention) => mention.id ?? JSON.stringify(mention);

class LinkbackMentions extends HTMLElement {
  static observedAttributes = ["target", "lang", "look", "heading", "level"];
  #box = make("section", { part: "box" });
  #status = make("p.sr", { role: "status" });
  #loading;
  #texts;
  #page;
  #mentions;
  #kept;
  #shown;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(this.#box, this.#status);
  }

  connectedCallback() {
    this.reload();
  }

  disconnectedCallback() {
    this.#loading?.abort();
  }

  attributeChangedCallback(_name, before, now) {
    // While a page is read, attributes come before the element is connected.
    if (this.#loading && before !== now) this.reload();
  }

  /** The article's address. */
  get target() {
    return targetOf(this);
  }

  /** Asks for the mentions and shows them. */
  async reload() {
    this.#loading?.abort();
    const { signal } = (this.#loading = new AbortController());
    const asked = read(this.target, { limit: FIRST }, signal);
    // Waited for below; until then, nobody need know that it failed.
    asked.catch(() => {});
    this.#texts = await textsFor(this);
    if (signal.aborted) return;
    const { say, language } = this.#texts;
    this.#box.className = `linkback ${this.getAttribute("look") || "plain"} loading`;
    this.#box.lang = language;
    this.#box.ariaLabel = say("title");
    place(this.#box, [make("p.note", null, say("loading"))]);
    try {
      const page = await asked;
      this.#mentions = new Map();
      this.#kept = new Map();
      this.#shown = {};
      this.#take(page);
      this.#render();
      if (this.hasAttribute("live")) this.#follow(signal);
    } catch (error) {
      if (signal.aborted) return;
      console.warn(error);
      const again = make("button", { type: "button" }, say("retry"));
      again.addEventListener("click", () => this.reload());
      place(this.#box, [make("p.note", null, say("failed")),
        make("p", null, again, " ", link("page", this.#address("mentions"), null, say("page")))]);
    }
    this.#box.classList.remove("loading");
  }

  /** A page of the service about this article. */
  #address(path) {
    const url = new URL(path, HERE);
    url.searchParams.set("target", this.target);
    return url.href;
  }

  #take(page) {
    this.#page = page;
    for (const mention of page.mentions) this.#mentions.set(mention.id, mention);
    // What is left of the counts are those that were not read.
    const { kinds } = page.counts;
    for (const { kind, rsvp } of this.#mentions.values()) {
      const name = rsvp ? `${kind}-${rsvp}` : kind;
      if (kinds[name]) kinds[name] -= 1;
    }
  }

  /** All that follows, as much as the service gives at once. */
  async #rest() {
    const { next } = this.#page;
    if (next) this.#take(await read(this.target, { limit: REST, cursor: next }, this.#loading.signal));
  }

  /** What is new, among what stands there. */
  async #news() {
    const { next } = this.#page;
    this.#take({ ...await read(this.target, { limit: FIRST }, this.#loading.signal), next });
    this.#render();
  }

  async #follow(signal) {
    const { follow } = await import(new URL("widget/live.js", HERE));
    follow(this.target, {
      signal,
      seconds: this.getAttribute("live"),
      page: this.#page,
      read: () => read(this.target, { limit: FIRST }, signal),
      changed: (mention) => {
        const isNew = !this.#mentions.has(mention.id);
        this.#mentions.set(mention.id, mention);
        this.#render();
        const entry = new Entry(mention, this.#texts);
        if (isNew) this.#status.textContent = entry.deed(entry.name).join("");
      },
      deleted: (id) => {
        this.#mentions.delete(id);
        this.#render();
      },
    });
  }

  /** What stands there already for `key`, unless it is made of something else now. */
  #keep(key, from, build) {
    const json = JSON.stringify(from);
    let kept = this.#kept.get(key);
    if (kept?.json !== json) this.#kept.set(key, (kept = { json, node: build() }));
    return kept.node;
  }

  #entry(shape, mention, ...more) {
    return this.#keep(`${shape} ${keyOf(mention)}`, [mention, more],
      () => new Entry(mention, this.#texts)[shape](...more));
  }

  #heading(key, depth, text) {
    const level = Math.min((Number(this.getAttribute("level")) || 2) + depth, 6);
    const heading = this.#keep(key, level, () => {
      const name = depth ? "label" : "heading";
      return make(`h${level}.${name}`, { part: name }, make("bdi"));
    });
    heading.firstChild.textContent = text;
    return heading;
  }

  /** How many there are: those of the list, and those not read that are counted by such names. */
  #count(list, names) {
    let n = list.length;
    for (const [name, more] of Object.entries(this.#page.counts.kinds)) if (name.match(names)) n += more;
    return n;
  }

  /** Faces under a count, the first of them in sight. */
  #pile(kind, list, depth) {
    const count = this.#count(list, `${kind}$`);
    const faces = list.map((mention) => this.#entry("asFace", mention));
    const pile = this.#keep(`pile ${kind}`, 0, () => make("div.pile", { part: "pile" }));
    const inSight = this.#keep(`faces ${kind}`, 0, () => make("ul"));
    const others = faces.splice(count > FACES + 1 ? FACES : faces.length);
    const rest = count > faces.length && this.#keep(`rest ${kind}`, 0, () => {
      const details = make("details.rest", { part: "rest" }, make("summary"), make("ul"));
      details.addEventListener("toggle", () => this.#page.next && this.#rest().then(() => this.#render()));
      return details;
    });
    if (rest) {
      rest.firstChild.textContent = this.#texts.say("others", count - faces.length);
      place(rest.lastChild, others);
    }
    return place(pile, [this.#heading(`label ${kind}`, depth, this.#texts.say(kind, count)), place(inSight, faces), rest]);
  }

  /** What a mention says, with the answers to it below; those beyond the deepest level beside it. */
  #turn(mention, below, to, depth) {
    const key = keyOf(mention);
    const { name } = new Entry(mention, this.#texts);
    const answers = (below.get(mention) ?? []).flatMap((answer) =>
      this.#turn(answer, below, name, Math.min(depth + 1, DEEPEST)));
    const isDeepest = depth === DEEPEST;
    const list = !isDeepest && answers.length > 0
      && place(this.#keep(`answers ${key}`, 0, () => make("ol")), answers);
    const item = this.#keep(`turn ${key}`, 0, () => make("li"));
    return [place(item, [this.#entry("asTurn", mention, to), list]), ...(isDeepest ? answers : [])];
  }

  /** A list of entries, as many as were asked for, and what asks for more. */
  #list(name, items, show) {
    const list = this.#keep(`list ${name}`, 0, () => make(`ol.${name}`));
    const shown = (this.#shown[name] ??= STEP);
    const left = items.length - shown;
    place(list, items.slice(0, shown).flatMap(show));
    const more = (left > 0 || this.#page.next) && this.#keep(`more ${name}`, 0, () => {
      const button = make("button.next", { type: "button", part: "more" });
      button.addEventListener("click", async () => {
        button.disabled = true;
        const at = list.children.length;
        try {
          if (items.length - this.#shown[name] < STEP) await this.#rest();
          this.#shown[name] += STEP;
          this.#render();
          // The button may be gone, and the keyboard focus with it.
          list.children[at]?.querySelector("article").focus();
        } catch (error) {
          console.warn(error);
        }
        button.disabled = false;
      });
      return button;
    });
    if (more) more.textContent = this.#texts.say("next", this.#page.next ? STEP : Math.min(left, STEP));
    return [list, more];
  }

  #section(name, text, nodes) {
    return place(this.#keep(name, 0, () => make(`div.${name}`, { part: name })),
      [text && this.#heading(`heading ${name}`, 1, text), ...nodes]);
  }

  #render() {
    const { say } = this.#texts;
    const all = [...this.#mentions.values()].sort((a, b) => b.id - a.id);
    const { top, below } = nest(all);
    const of = (kind) => all.filter((mention) => mention.kind === kind);

    const turns = top.filter(({ kind, rsvp, content }) =>
      kind === "reply" || (kind === "rsvp" && (!rsvp || content?.text?.trim())));
    const cards = top.filter(({ kind }) => CARDS.test(kind));
    const piles = PILES.map((kind) => [kind, of(kind)]).filter(([, list]) => list.length);
    const rsvps = ANSWERS.map((answer) => [answer, of("rsvp").filter(({ rsvp }) => rsvp === answer)])
      .filter(([, list]) => list.length);

    const sections = [];
    if (piles.length) sections.push(["piles", null, piles.map((pile) => this.#pile(...pile, 1))]);
    if (rsvps.length) sections.push(["rsvps", say("rsvp"), rsvps.map((pile) => this.#pile(...pile, 2))]);
    if (turns.length) {
      sections.push(["talk", say("reply", this.#count(of("reply"), "reply")),
        this.#list("turns", turns, (mention) => this.#turn(mention, below, null, 0))]);
    }
    if (cards.length) {
      sections.push(["pages", say("mention", this.#count(cards, CARDS)),
        this.#list("cards", cards, (mention) => place(
          this.#keep(`card ${mention.id}`, 0, () => make("li")), [this.#entry("asCard", mention)]))]);
    }
    const title = this.#heading("title", 0, this.getAttribute("heading")
      || (all.length ? say("mentions", this.#count(all, "")) : say("title")));
    const slot = (name, ...content) =>
      place(this.#keep(`slot ${name}`, 0, () => make("slot", { name })), content);
    place(this.#box, [
      slot("heading", title),
      !all.length && slot("empty", this.#keep("none", 0, () => make("p.note", null, say("none")))),
      ...sections.map((section) => this.#section(...section)),
      slot("invite", this.#keep("invite", 0, () => this.#invite())),
    ]);
  }

  /** A reader's own page: the form is fetched when somebody wants it. */
  #invite() {
    const room = make("div");
    const invite = make("details.invite", { part: "invite" }, make("summary", null, this.#texts.say("invite")), room);
    invite.addEventListener("toggle", async () => {
      if (room.firstChild) return;
      const { form } = await import(new URL("widget/form.js", HERE));
      room.append(await form(this.target, this.#texts, () => this.#news()));
    });
    return invite;
  }
}

/** <linkback-count>: how many mentions an article has, as a word and a number. */
class LinkbackCount extends HTMLElement {
  static observedAttributes = ["target", "lang"];

  #isShown = false;

  async connectedCallback() {
    this.#isShown = true;
    try {
      const [{ say }, page] = await Promise.all([textsFor(this), read(targetOf(this), { limit: 1 })]);
      this.textContent = say("mentions", page.total);
    } catch (error) {
      console.warn(error);
    }
  }

  attributeChangedCallback(_name, before, now) {
    if (this.#isShown && before !== now) this.connectedCallback();
  }
}

for (const [name, element] of [["mentions", LinkbackMentions], ["count", LinkbackCount]]) {
  if (!customElements.get(`linkback-${name}`)) customElements.define(`linkback-${name}`, element);
}
