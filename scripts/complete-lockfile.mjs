// Adds to package-lock.json the platform packages that an install could not see. A registry mirror may hold only its own
// platform's builds; npm then leaves the others out of the lock, and `npm ci` refuses such a lock everywhere. Run after
// an `npm install` that changed the lock; it changes nothing when the lock is whole.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const file = path.join(import.meta.dirname, "..", "package-lock.json");
const lock = JSON.parse(readFileSync(file, "utf8"));

const OS = ["aix", "android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const CPU = ["arm64", "x64", "ia32", "arm", "ppc64", "riscv64", "s390x"];

for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    if (key in lock.packages || /[~^><* ]/.test(version)) continue;
    lock.packages[key] = { version, ...platformOf(name), ...(parent.dev ? { dev: true } : {}), optional: true };
  }
}
const { "": root, ...others } = lock.packages;
lock.packages = { "": root, ...Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

/** os, cpu and libc as the package's name spells them: `binding-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split(/[-/]/);
  const os = OS.find((one) => words.includes(one));
  const cpu = CPU.find((one) => words.includes(one));
  if (os === undefined || cpu === undefined) throw new Error(`${name} does not name its platform`);
  const libc = os !== "linux" ? undefined : words.includes("musl") || words.includes("musleabihf") ? "musl" : "glibc";
  return { cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }), os: [os] };
}
