// What the widget says: in the page's language, unless its owner has other words for it.

import { HERE, make } from "./dom.js";

const ENGLISH = "{{texts/en.json}}";
const LANGUAGES = ["ar", "de", "en", "es", "fr", "ja"];
const DAY = 864e5;

/** The texts for an element: `say(key, n)`, and how `dates` are written. */
export async function textsFor(element) {
  const tag = element.lang || element.parentElement?.closest("[lang]")?.lang || "en";
  const wanted = tag.toLowerCase().split("-")[0];
  let table = ENGLISH;
  if (wanted !== "en" && LANGUAGES.includes(wanted)) {
    const asked = fetch(new URL(`widget/texts/${wanted}.json`, HERE), { credentials: "omit" });
    table = await asked.then((answer) => answer.json()).catch(() => ENGLISH);
  }
  // Whose texts are all English has English dates; whose owner wrote them, the page's.
  const isSpoken = table !== ENGLISH || wanted === "en"
    || element.getAttributeNames().some((name) => name.startsWith("text-"));
  let locale = isSpoken ? tag : "en";
  // The day first, as in the service's own pages. What is no language tag is taken for English.
  if (locale === "en" || !isTag(locale)) locale = "en-GB";
  const plural = new Intl.PluralRules(locale);
  const number = new Intl.NumberFormat(locale);
  const own = (key) => element.getAttribute(`text-${key}`);
  const say = (key, n) => {
    const form = n == null ? "other" : plural.select(n);
    const text = own(`${key}-${form}`) ?? own(key) ?? table[key]?.[form] ?? table[key]?.other ?? table[key] ?? "";
    return n == null ? text : text.replaceAll("{n}", number.format(n));
  };
  // Made once: to make one takes longer than to use it.
  const dates = {
    day: new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }),
    moment: new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }),
    ago: new Intl.RelativeTimeFormat(locale, { numeric: "auto" }),
  };
  return { say, own, dates, language: table === ENGLISH ? "en" : wanted };
}

function isTag(text) {
  try {
    return Intl.getCanonicalLocales(text).length > 0;
  } catch {
    return false;
  }
}

/** When something was written: `3 days ago`, `12 January 2025`; null for what is no time. */
export function when(text, dates) {
  const isDay = text?.length === 10;
  // A day without an hour is that day wherever the reader is.
  const date = new Date(isDay ? `${text}T00:00` : text ?? "");
  if (Number.isNaN(date.getTime())) return null;
  const days = Math.round((midnight(date) - midnight(new Date())) / DAY);
  const hours = (date - new Date()) / 36e5;
  const minutes = Math.min(hours * 60, 0);
  const ago = (n, unit) => dates.ago.format(Math.round(n), unit);
  // The author's own day.
  const own = new Date(`${text.slice(0, 10)}T00:00Z`);
  const day = dates.day.format(+own ? own : date);
  let shown = day;
  if (hours <= 24 && days >= -27) {
    if (isDay || hours < -24) shown = days < -6 ? ago(days / 7, "week") : ago(days, "day");
    else if (hours < -1) shown = ago(hours, "hour");
    else shown = minutes < -1 ? ago(minutes, "minute") : ago(0, "second");
  }
  return make("time", { datetime: text, title: isDay ? day : dates.moment.format(date) }, shown);
}

function midnight(date) {
  return new Date(date).setHours(0, 0, 0, 0);
}
