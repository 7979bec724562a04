// The form by which a reader adds the page that they have written: fetched when somebody opens it.
// It sends a webmention to our endpoint and follows the status page to its verdict.

const HERE = new URL("../", import.meta.url);
// How long to wait before each look at the status page, in milliseconds; then we say that it takes a while.
const LOOKS = [300, 500, 800, 1200, 2000, 3000, 5000, 5000, 5000, 5000, 5000];

// What is told by codes of docs/protocol.md, in the reader's words; of any other, the service's own sentence.
const REASONS = {
  no_link_found: "no-link", source_not_found: "unread", source_gone: "unread", source_unreachable: "unread",
  source_timeout: "unread", source_error: "unread", too_many_redirects: "unread",
  unsupported_media_type: "unread", source_too_large: "unread", invalid_content: "unread",
  rate_limit_exceeded: "too-many",
};

/** The form for `target`; `shown` is called when a page was verified, and shows the mentions anew. */
export async function form(target, texts, shown) {
  const said = await fetch(new URL(`widget/texts/${texts.language}.json`, HERE), { credentials: "omit" });
  const words = (await said.json()).form;
  const say = (key) => texts.own(`form-${key}`) ?? words[key];

  const make = (name, attributes, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  };
  const input = make("input", {
    id: "source", name: "source", type: "url", required: "", maxlength: 4096, placeholder: "https://",
    autocomplete: "url", "aria-describedby": "hint status", dir: "ltr", part: "input",
  });
  const button = make("button", { part: "send" }, say("send"));
  const status = make("p", { id: "status", role: "status" });
  const element = make("form", { part: "form" },
    make("label", { for: "source" }, say("label")),
    make("div", { class: "field" }, input, button),
    make("p", { id: "hint", class: "note" }, say("hint")), status);

  const tell = (text, isWrong = false, link) => {
    status.replaceChildren(text, ...(link ? [" ", link] : []));
    input.toggleAttribute("aria-invalid", false);
    if (isWrong) input.setAttribute("aria-invalid", "true");
  };
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      tell(say("sending"));
      const place = await send(input.value, target);
      tell(say("checking"));
      const verdict = await follow(place);
      const page = make("a", { href: place.href, rel: "nofollow" }, say("status"));
      if (verdict.status === "accepted") {
        await shown();
        tell(say("shown"));
        input.value = "";
      } else if (verdict.status === "pending") tell(say("later"), false, page);
      else tell(reason(verdict), true, page);
    } catch (error) {
      tell(error.told ? reason(error.told) : say("failed"), true);
    }
    button.disabled = false;
  });
  const reason = ({ error, error_description: sentence }) =>
    say(REASONS[error]) ?? `${say("failed")} ${sentence ?? ""}`;
  return element;
}

/** Sends the webmention. Returns where its status page is. */
async function send(source, target) {
  const answer = await fetch(new URL("webmention", HERE), {
    method: "POST", body: new URLSearchParams({ source, target }), headers: { Accept: "application/json" },
    credentials: "omit", referrerPolicy: "no-referrer",
  });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.error_description), { told });
  // The service may know itself by another name than the one that this script came from.
  return new URL(new URL(told.location).pathname.slice(1), HERE);
}

/** What the status page says once there is a verdict; `pending` where there is none for long. */
async function follow(place) {
  let verdict;
  for (const pause of LOOKS) {
    await new Promise((done) => setTimeout(done, pause));
    const answer = await fetch(place, { headers: { Accept: "application/json" }, credentials: "omit" });
    verdict = await answer.json();
    if (verdict.status !== "pending") break;
  }
  return verdict;
}
