/** Resumes come soon after what they resume; 256 entries are 40 kB. */
const HASHES_MAX = 256;

/** SHA-256 by file version of the files read last, so that a stream that is resumed does not read its file again for it. */
export class RecentHashes {
  /** In the order of their last use. */
  readonly #hashes = new Map<string, string>();

  get(fileVersion: string): string | undefined {
    const sha256 = this.#hashes.get(fileVersion);
    if (sha256 !== undefined) this.set(fileVersion, sha256);
    return sha256;
  }

  /** Forgets the one not used for longest when there are too many. */
  set(fileVersion: string, sha256: string): void {
    this.#hashes.delete(fileVersion);
    this.#hashes.set(fileVersion, sha256);
    if (this.#hashes.size > HASHES_MAX) {
      const [oldest] = this.#hashes.keys();
      if (oldest !== undefined) this.#hashes.delete(oldest);
    }
  }
}
