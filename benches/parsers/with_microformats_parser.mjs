// Prints how many milliseconds microformats-parser takes for a page: FILE ROUNDS PARSES.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.env.LINKBACK_PARSERS + "/");
const { mf2 } = require("microformats-parser");
const [file, rounds, parses] = process.argv.slice(2);
const html = readFileSync(file, "utf8");
let best = Infinity;
for (let round = 0; round < Number(rounds); round++) {
  const start = performance.now();
  for (let n = 0; n < Number(parses); n++) mf2(html, { baseUrl: "https://blog.example/post" });
  best = Math.min(best, (performance.now() - start) / Number(parses));
}
console.log(best);
