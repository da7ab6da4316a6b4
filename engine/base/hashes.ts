/** Digests, passed in wherever the pure core needs one. Results are the caller's to keep. */
export interface Hashes {
  /** 20 bytes. */
  sha1(bytes: Uint8Array): Uint8Array
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
}
