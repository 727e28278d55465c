// What can go wrong below the estimators: no memory left, or a kernel that failed.

/** The 4 GiB that WebAssembly can address are spent, or the machine gave no more. */
export class KernelMemoryError extends Error {
  override readonly name = "KernelMemoryError";
  /** Bytes that were asked for. */
  readonly requested: number;

  constructor(requested: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.requested = requested;
  }
}

/** A kernel is missing from the module, or trapped while it ran. */
export class KernelError extends Error {
  override readonly name = "KernelError";
  readonly kernel: string;

  constructor(kernel: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kernel = kernel;
  }
}
