import { toHex } from '#engine/base/ids.ts'
import { DH_LENGTH, DH_PRIME, type DhKeys, type DiffieHellman } from '../crypto.ts'
import type { Random } from '../random.ts'

/** The same arithmetic without a system's library; the same random bytes give the same keys. */
export class SimDh implements DiffieHellman {
  readonly #random: Pick<Random, 'bytes'>

  constructor(random: Pick<Random, 'bytes'>) {
    this.#random = random
  }

  keys(): DhKeys {
    const exponent = numberOf(this.#random.bytes(20))
    return {
      publicKey: bytesOf(power(2n, exponent)),
      secret: theirs => bytesOf(power(numberOf(theirs), exponent)),
    }
  }
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`)

function bytesOf(value: bigint): Uint8Array {
  const bytes = new Uint8Array(DH_LENGTH)
  let rest = value
  for (let at = DH_LENGTH - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n
  for (const bit of exponent.toString(2)) {
    result = (result * result) % DH_PRIME
    if (bit === '1') result = (result * base) % DH_PRIME
  }
  return result
}
