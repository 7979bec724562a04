// Making elements out of what strangers wrote: text nodes and checked http(s) links, never markup,
// and pictures from our own cache alone.

/** Where the service is: every file of the widget stands at its root. */
export const HERE = new URL(".", import.meta.url);

/** An element of a name and classes; strings among `children` become text nodes. */
export function make(selector, attributes, ...children) {
  const [name, ...classes] = selector.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value != null && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.flat(Infinity).filter(Boolean));
  return node;
}

/** The URL if it is http(s), else null: never `javascript:`. */
export function webUrl(text) {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) ? url : null;
}

/** A link of these classes, or a span where there is nowhere safe to go. */
export function link(classes, href, attributes, ...children) {
  const url = webUrl(href);
  const safe = url && { href: url.href, rel: "nofollow ugc noopener" };
  return make(`${url ? "a" : "span"}.${classes}`, { ...attributes, ...safe }, children);
}

/** Gives `parent` these children and no others; what stands in its place already is not touched. */
export function place(parent, nodes) {
  nodes.filter(Boolean).forEach((node, index) => {
    const there = parent.childNodes[index];
    if (there !== node) parent.insertBefore(node, there ?? null);
  });
  while (parent.childNodes.length > nodes.filter(Boolean).length) parent.lastChild.remove();
  return parent;
}

/** The parts of a template such as `{name} replied`, with `values` for its names. */
export function fill(template, values) {
  return template.split(/\{(\w+)\}/).map((part, index) => (index % 2 ? values[part] : part));
}

/** A picture from our own cache, from nowhere else; where it cannot be shown, nothing. */
export function cached(path, attributes) {
  if (!path?.startsWith?.("/media/")) return null;
  const image = make("img", {
    ...attributes, src: new URL(path, HERE), loading: "lazy", decoding: "async", referrerpolicy: "no-referrer",
  });
  image.addEventListener("error", () => image.remove());
  return image;
}
