// Keeps uploads and the removal of uploaded bytes apart. Content is stored by hash, so removing the bytes of one
// finished import could take them from an upload of the same file that has stored them but is not yet recorded.

/** Many uploads at once, or one removal. */
export class UploadGate {
  #uploads = 0;
  #removal: Promise<unknown> = Promise.resolve();

  /** Runs an upload: from storing its bytes until they are recorded. */
  async upload<T>(work: () => Promise<T>): Promise<T> {
    await this.#removal;
    this.#uploads++;
    try {
      return await work();
    } finally {
      this.#uploads--;
    }
  }

  /** Runs a removal, unless an upload is under way: what is left then goes at the next start. */
  async remove(work: () => Promise<void>): Promise<void> {
    if (this.#uploads > 0) return;
    const done = this.#removal.then(work);
    this.#removal = done.catch(() => undefined);
    await done;
  }
}
