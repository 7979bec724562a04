// One mention, or one comment on a mention's page, as it is shown. The templates of `GET /embed` make
// the same elements with the same classes, for one style sheet to fit both: change them together.

import { cached, fill, link, make, webUrl } from "./dom.js";
import { when } from "./texts.js";

// What is longer than this, in characters or in lines, folds.
const LONG = 600;
const TALL = 8;
const PHOTOS = 4;

/** Up to two letters that stand for a name. */
function initials(name) {
  const [first = "•", ...rest] = name.match(/(?<![\p{L}\p{N}\p{M}])[\p{L}\p{N}]/gu) ?? [];
  // Scripts without capitals do not shorten names to letters of several words.
  const isCased = first.toLowerCase() !== first.toUpperCase();
  return (first + ((isCased && rest.at(-1)) || "")).toUpperCase();
}

/** The class of one of eight colours, the same for the same name. */
function hue(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `h${sum % 8}`;
}

/** A mention in the words of `texts`. */
export class Entry {
  constructor(mention, texts) {
    const { author, content, excerpt, kind, summary } = mention;
    this.mention = mention;
    this.texts = texts;
    this.url = webUrl(mention.url) ?? webUrl(mention.source);
    this.site = mention.site_name?.trim() || this.url?.host.replace(/^www\./, "");
    this.person = author?.name?.trim();
    this.name = this.person || this.site || texts.say("somebody");
    // Of a page, the words round the link are shown; of an answer its own.
    this.own = !/^(mention|quotation)$/.test(kind) && (content?.text?.trim() || summary?.trim());
    this.excerpt = !this.own && excerpt;
  }

  /** Who it is by. */
  author() {
    return link("author.p-author.h-card", this.mention.author?.url, { part: "author" },
      make("bdi.p-name", null, this.name));
  }

  /** Their picture, drawn of initials where there is none. */
  face(shape = "") {
    return make(`span.face.${hue(this.name)}${shape}`, { part: "avatar", "aria-hidden": "true" },
      initials(this.name), cached(this.mention.author?.avatar, { alt: "", width: 48, height: 48 }));
  }

  /** What they do, as the parts of a sentence about `name`. */
  deed(name) {
    const { kind, rsvp, content } = this.mention;
    const text = this.texts.say(`does-${(kind === "rsvp" && rsvp) || kind}`);
    return fill(text, { name, emoji: content?.text });
  }

  /** When, as a link to where it is. */
  date() {
    const { published, received } = this.mention;
    const { dates, say } = this.texts;
    const date = when(published, dates);
    date?.classList.add("dt-published");
    const shown = date ?? (received && fill(say("noticed"), { date: when(received, dates) }));
    return shown && link("date.u-url", this.url, { part: "date" }, shown);
  }

  /** What they say, folded if it is long. */
  words() {
    const { before, linked, after } = this.excerpt || {};
    const pieces = this.own ? [this.own] : [before, make("mark", null, linked), after];
    const text = this.own || (this.excerpt && before + linked + after);
    if (!text?.trim()) return [];
    const isLong = text.length > LONG || text.split("\n").length > TALL;
    const { say } = this.texts;
    return [
      make(`${this.own ? "div" : "blockquote"}.text.p-content${isLong ? ".long" : ""}`,
        { part: "text", dir: "auto", lang: this.mention.language }, pieces),
      // Opening it unfolds the text before it, by the style sheet alone.
      isLong && make("details.fold", { part: "fold" }, make("summary", null,
        make("span.more", null, say("more")), make("span.less", null, say("less")))),
    ];
  }

  photos() {
    const photos = (this.mention.photos ?? []).slice(0, PHOTOS)
      .map(({ cached: path, alt, width, height }) =>
        cached(path, { alt: alt ?? "", width, height, part: "photo" })).filter(Boolean);
    return photos.length > 0 && make("div.photos", null, photos);
  }

  /** In a pile of likes and the like: a face. */
  asFace() {
    const emoji = this.mention.kind === "reaction" && this.mention.content?.text;
    return make("li.h-cite", null,
      link("u-url.u-author", this.url, { part: "face", title: this.name }, this.face(),
        make("span.sr", null, this.name), emoji && make("span.emoji.p-content", null, emoji)));
  }

  /** In the conversation: who says it, `to` whom, and what. */
  asTurn(to) {
    const author = this.author();
    const { id, kind } = this.mention;
    return make("article.h-cite", { id: id && `mention-${id}`, tabindex: -1, part: "entry" },
      this.face(),
      make("p.by", { part: "byline" },
        make("span", null, make("bdi", null, kind === "reply" ? author : this.deed(author))),
        to && make("span", null, make("bdi", null, fill(this.texts.say("answers"), { name: make("bdi", null, to) }))),
        this.date()),
      this.words(), this.photos());
  }

  /** Of a page that links here: its title or what it does, its site, author and date. */
  asCard() {
    const { id, kind, title, language } = this.mention;
    const address = !this.person && this.url?.href.replace(/^https?:\/\/(www\.)?/, "");
    const heading = title?.trim() || (kind === "mention" && address);
    const isDeed = kind !== "mention" || !heading;
    return make("article.h-cite", { id: `mention-${id}`, tabindex: -1, part: "card" },
      this.face(this.person ? "" : ".square"),
      heading && make("p.title", { part: "title", dir: "auto", lang: language },
        link("u-url.p-name", this.url, null, heading)),
      make("p.by", { part: "byline" },
        isDeed && make("span", null, make("bdi", null, this.deed(this.author()))),
        !isDeed && this.person && this.author(),
        (this.person || !isDeed) && make("span", null, make("bdi.p-publication", { part: "site" }, this.site)),
        this.date()),
      this.words(), this.photos());
  }
}
