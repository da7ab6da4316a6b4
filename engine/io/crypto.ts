/** Bytes of a public key and of a shared secret: 768 bits, big-endian, leading zeros kept. */
export const DH_LENGTH = 96

/** The group of Message Stream Encryption: this prime, generator 2. */
export const DH_PRIME = BigInt(
  '0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563',
)

export interface DhKeys {
  /** `DH_LENGTH` bytes. Yours. */
  readonly publicKey: Uint8Array
  /**
   * What both sides come to, `DH_LENGTH` bytes. Yours.
   * @param theirs a public key for which `isPublicKey` holds
   */
  secret(theirs: Uint8Array): Uint8Array
}

/** Key agreement for obfuscation. 160 bits of private key, as every client has: it hides a protocol, not a secret. */
export interface DiffieHellman {
  /** A fresh pair. */
  keys(): DhKeys
}

/** Between 2 and the prime less 2: with the others, everybody knows the secret. */
export function isPublicKey(bytes: Uint8Array): boolean {
  if (bytes.length !== DH_LENGTH) return false
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value > 1n && value < DH_PRIME - 1n
}
