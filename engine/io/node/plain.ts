/** The same memory without `Buffer`'s methods, which do other things than those of the same name on a Uint8Array (`slice`). */
export const plain = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
