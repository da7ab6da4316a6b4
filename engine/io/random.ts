/** Chance as a port. */
export interface Random {
  /** 0 <= x < 1. For choices, never for secrets. */
  next(): number
  /** `length` bytes fit for ids, keys and tokens. */
  bytes(length: number): Uint8Array
}
