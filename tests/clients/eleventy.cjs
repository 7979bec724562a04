// Runs two Eleventy plugins, as they are published, against a service, and prints what they found as JSON.
// The environment names the service (BASE), a token (TOKEN), the site (DOMAIN) and one of its pages (TARGET).
const { BASE, TOKEN, DOMAIN, TARGET } = process.env;
const path = require("node:path");
const installed = (name) => require(path.join(process.cwd(), "node_modules", name));

async function cacheWebmentions(feed, key) {
  const plugin = installed("@chrisburnell/eleventy-cache-webmentions/eleventy-cache-webmentions.cjs");
  const options = {
    ...plugin.defaults,
    domain: `https://${DOMAIN}`,
    uniqueKey: `cache-${feed.length}`,
    cacheDirectory: "./.cache",
    feed,
    key,
  };
  const global = {};
  await plugin({ addGlobalData: (name, value) => (global[name] = value), addFilter() {} }, options);
  const ofPage = await plugin.getWebmentions(options, TARGET);
  const kinds = {};
  for (const mention of ofPage) {
    const kind = plugin.getType(mention);
    kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const reply = ofPage.find((mention) => plugin.getType(mention).includes("reply"));
  // What is fetched again is what came since.
  const again = await plugin.retrieveWebmentions({ ...options, duration: "0s" });
  return {
    all: global.webmentionsAll.length,
    ofPage: ofPage.length,
    again: again.length,
    kinds,
    content: plugin.getContent(reply),
    source: plugin.getSource(reply),
    published: plugin.getPublished(reply),
  };
}

async function pluginWebmentions() {
  const found = await installed("eleventy-plugin-webmentions/webmentions.js")({ domain: DOMAIN, token: TOKEN }).get();
  const reply = found.children.find((entry) => entry["wm-property"] === "in-reply-to");
  return { all: found.children.length, content: reply.content.value, author: reply.author };
}

async function main() {
  // The plugins say what they do.
  console.log = console.error;
  const site = `domain=${DOMAIN}&token=${TOKEN}`;
  const results = {
    jf2: await cacheWebmentions(`${BASE}/api/mentions.jf2?${site}&per-page=1000`, "children"),
    whole: await cacheWebmentions(`${BASE}/api/mentions.jf2?${site}&per-page=9001&x=`, "children"),
    json: await cacheWebmentions(`${BASE}/api/mentions.json?${site}&per-page=1000&xx=`, "links"),
    plugin: await pluginWebmentions(),
  };
  process.stdout.write(JSON.stringify(results));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
