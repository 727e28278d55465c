// Makes sure that `mpirun` is there before the tests that need it: from Debian's packages where that may be, otherwise
// says what to install.
import { spawnSync } from "node:child_process";

const PACKAGES = ["openmpi-bin", "libopenmpi-dev"];

if (!runs("mpirun", ["--version"])) {
  const mayInstall = process.platform === "linux" && process.getuid?.() === 0 && runs("apt-get", ["--version"]);
  if (!mayInstall) fail(`these tests need Open MPI: install it with \`apt-get install ${PACKAGES.join(" ")}\``);
  process.stderr.write(`installing ${PACKAGES.join(" and ")} from Debian's packages\n`);
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...PACKAGES];
  // A machine that has just been made has no package lists yet.
  if (!does(install) && !(does(["apt-get", "update"]) && does(install))) fail("Open MPI could not be installed");
}

function runs(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function does([command, ...args]) {
  return spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
