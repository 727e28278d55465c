// Builds everything that runs from `dist`: the WebAssembly kernels, all packages in dependency order, and the empty
// database from which a first start copies.
// Plain JavaScript, because it runs before anything is built.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");

const started = performance.now();
run("kernels (WebAssembly)", path.join(root, "packages/kernels/scripts/build-wasm.mjs"), []);
run("packages (TypeScript)", path.join(root, "node_modules/typescript/bin/tsc"), ["-b", ...packages()]);
// Vite looks for its configuration and its page where it is started.
run(
  "console (Vite)",
  path.join(root, "node_modules/vite/bin/vite.js"),
  ["build", "--logLevel", "warn"],
  "packages/console",
);
run("database template", path.join(root, "packages/server/scripts/build-database.mjs"), []);
process.stderr.write(`built in ${((performance.now() - started) / 1000).toFixed(1)} s\n`);

function packages() {
  return ["kernels", "learn", "tune", "data", "mpi", "api", "charts", "server", "cli"].map((name) =>
    path.join(root, "packages", name),
  );
}

function run(what, script, args, folder = ".") {
  if (!existsSync(script))
    fail(`cannot build ${what}: ${path.relative(root, script)} is missing; run \`npm ci\` first`);
  const result = spawnSync(process.execPath, [script, ...args], {
    cwd: path.join(root, folder),
    stdio: ["ignore", 2, 2],
  });
  if (result.status !== 0) fail(`building ${what} failed`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
