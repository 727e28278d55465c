// Compiles assembly/ into dist/simd.wasm and dist/relaxed.wasm, and skips the work when neither the sources nor the
// compiler nor the flags have changed. Plain JavaScript, because it runs before anything is built.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const home = fileURLToPath(new URL("..", import.meta.url));
const assembly = join(home, "assembly");
const dist = join(home, "dist");
const compiler = createRequire(import.meta.url).resolve("assemblyscript/bin/asc.js");

const FEATURES = { simd: "simd,threads", relaxed: "simd,threads,relaxed-simd" };
const FLAGS = [
  "-O3",
  "--noAssert",
  "--runtime",
  "stub",
  "--use",
  "abort=",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "1",
  "--maximumMemory",
  "65536",
];

await build();

async function build() {
  mkdirSync(dist, { recursive: true });
  const stamp = join(dist, ".wasm-hash");
  const hash = sourceHash();
  const variants = Object.keys(FEATURES);
  const present = variants.every((variant) => existsSync(join(dist, `${variant}.wasm`)));
  if (present && existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  const results = await Promise.all(variants.map(compile));
  const failed = results.find((result) => result.code !== 0);
  if (failed) {
    process.stderr.write(
      `asc failed for the ${failed.variant} build of packages/kernels/assembly:\n${failed.output}\n`,
    );
    process.exitCode = 1;
    return;
  }
  // Renamed only when complete: a process that starts meanwhile never reads half a module.
  for (const variant of variants) renameSync(unfinished(variant), join(dist, `${variant}.wasm`));
  writeFileSync(stamp, hash);
}

function compile(variant) {
  const args = [compiler, "index.ts", ...FLAGS, "--enable", FEATURES[variant], "--outFile", unfinished(variant)];
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, args, { cwd: assembly });
    let output = "";
    const keep = (text) => {
      output += text;
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", fail);
    child.on("close", (code) => done({ variant, code, output }));
  });
}

/** Named by process, so that two builds at once do not write into one file. */
function unfinished(variant) {
  return join(dist, `${variant}.wasm.${process.pid}`);
}

function sourceHash() {
  const hash = createHash("sha256").update(JSON.stringify([FLAGS, FEATURES]));
  const manifest = createRequire(import.meta.url).resolve("assemblyscript/package.json");
  hash.update(JSON.parse(readFileSync(manifest, "utf8")).version);
  for (const name of readdirSync(assembly, { recursive: true }).sort()) {
    if (!name.endsWith(".ts")) continue;
    hash.update(`\0${name}\0`).update(readFileSync(join(assembly, name)));
  }
  return hash.digest("hex");
}
