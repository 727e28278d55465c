// The two ways in which MPI fails before or beside a computation; a rank that is lost is the launcher's to report.

/** `MPI_MISSING`: no usable library on this machine. `MPI_FAILED`: the library, or the group, is not as it should be. */
export class MpiError extends Error {
  override readonly name = "MpiError";
  readonly code: "MPI_MISSING" | "MPI_FAILED";

  constructor(code: MpiError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** How to install Open MPI on a platform (as `process.platform` names it). */
export function installHint(platform: string = process.platform): string {
  if (platform === "darwin") return "install it with `brew install open-mpi`";
  if (platform === "win32") return "training on ranks needs Linux or macOS; on Windows use WSL";
  return (
    "install it with `apt-get install openmpi-bin libopenmpi3` (Debian, Ubuntu), `dnf install openmpi` (Fedora, RHEL) " +
    "or `apk add openmpi` (Alpine), on every host"
  );
}
