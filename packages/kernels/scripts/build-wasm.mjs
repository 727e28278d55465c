// Compiles assembly/ into dist/simd.wasm and dist/relaxed.wasm, and the former once more as text in a module, which any
// bundler can take to a browser. Skips the work when neither the sources nor the compiler nor the flags have changed. Plain JavaScript, because it runs before anything is built.
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
const TEXT_MODULE = "simd-text.js";
const TEXT_TYPES = "simd-text.d.ts";
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
  const files = [...variants.map((variant) => `${variant}.wasm`), TEXT_MODULE, TEXT_TYPES];
  const present = files.every((file) => existsSync(join(dist, file)));
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
  for (const variant of variants) renameSync(join(dist, unfinished(`${variant}.wasm`)), join(dist, `${variant}.wasm`));
  writeTextModule();
  writeFileSync(stamp, hash);
}

function compile(variant) {
  const args = [
    compiler,
    "index.ts",
    ...FLAGS,
    "--enable",
    FEATURES[variant],
    "--outFile",
    join(dist, unfinished(`${variant}.wasm`)),
  ];
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

/** The SIMD build in base64: a browser cannot read files beside a module, and bundlers differ in how they carry them. */
function writeTextModule() {
  const text = readFileSync(join(dist, "simd.wasm")).toString("base64");
  const files = {
    [TEXT_MODULE]: `export const base64 = "${text}";\n`,
    [TEXT_TYPES]: "export declare const base64: string;\n",
  };
  for (const [file, source] of Object.entries(files)) {
    writeFileSync(join(dist, unfinished(file)), source);
    renameSync(join(dist, unfinished(file)), join(dist, file));
  }
}

/** Named by process, so that two builds at once do not write into one file. */
function unfinished(file) {
  return `${file}.${process.pid}`;
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
