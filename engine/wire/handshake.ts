import { latin1 } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { infoHash } from '#engine/base/ids.ts'
import type { InfoHash } from '#engine/base/ids.ts'

/** pstrlen, pstr, 8 reserved bytes, infohash, peer id (BEP 3). */
export const HANDSHAKE_LENGTH = 68
const PROTOCOL = '\x13BitTorrent protocol'
const RESERVED_AT = 20
const INFO_HASH_AT = 28
const PEER_ID_AT = 48

/** Bits of the 8 reserved bytes as [byte, mask]: BEP 10, 6, 5 and 52. */
const RESERVED = {
  extensions: [5, 0x10],
  fast: [7, 0x04],
  dht: [7, 0x01],
  v2: [7, 0x10],
} as const

export interface Capabilities {
  /** Extension protocol (BEP 10). */
  readonly extensions: boolean
  /** Fast extension (BEP 6): on only when both sides set it. */
  readonly fast: boolean
  /** Will tell its DHT port (BEP 5). */
  readonly dht: boolean
  /** Would upgrade a hybrid torrent's connection to v2 (BEP 52). */
  readonly v2: boolean
}

export function reservedBytes(capabilities: Capabilities): Uint8Array {
  const bytes = new Uint8Array(8)
  for (const name of ['extensions', 'fast', 'dht', 'v2'] as const) {
    const [byte, mask] = RESERVED[name]
    if (capabilities[name]) bytes[byte]! |= mask
  }
  return bytes
}

export function parseReserved(bytes: Uint8Array): Capabilities {
  const isSet = (name: keyof typeof RESERVED) => (bytes[RESERVED[name][0]]! & RESERVED[name][1]) !== 0
  return { extensions: isSet('extensions'), fast: isSet('fast'), dht: isSet('dht'), v2: isSet('v2') }
}

/** All arrays are the holder's own. */
export interface Handshake {
  readonly infoHash: InfoHash
  /** 20 bytes, anything. */
  readonly peerId: Uint8Array
  /** 8 bytes. */
  readonly reserved: Uint8Array
}

/** 68 bytes. */
export function encodeHandshake(handshake: {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** 8 bytes. */
  readonly reserved: Uint8Array
}): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_LENGTH)
  for (let at = 0; at < PROTOCOL.length; at++) bytes[at] = PROTOCOL.charCodeAt(at)
  bytes.set(handshake.reserved, RESERVED_AT)
  bytes.set(handshake.infoHash, INFO_HASH_AT)
  bytes.set(handshake.peerId, PEER_ID_AT)
  return bytes
}

/** Reads the first 68 bytes of a connection, in any split, and refuses at the first byte that cannot be right. */
export class HandshakeReader {
  readonly #bytes = new Uint8Array(HANDSHAKE_LENGTH)
  #held = 0
  #rest: Uint8Array = new Uint8Array(0)

  /** Known 20 bytes before the end: enough to look the torrent up and to answer. */
  get infoHash(): InfoHash | undefined {
    return this.#held >= PEER_ID_AT ? infoHash(this.#bytes.slice(INFO_HASH_AT, PEER_ID_AT)) : undefined
  }

  /** What the last push brought beyond the handshake: a view on its bytes, lent like them. */
  get rest(): Uint8Array {
    return this.#rest
  }

  /**
   * @param bytes lent
   * @returns the handshake when it is whole; feed no more after that
   * @throws EngineError HANDSHAKE_INVALID (peer)
   */
  push(bytes: Uint8Array): Handshake | undefined {
    const count = Math.min(HANDSHAKE_LENGTH - this.#held, bytes.length)
    for (let at = 0; at < count && this.#held + at < PROTOCOL.length; at++) {
      if (bytes[at] !== PROTOCOL.charCodeAt(this.#held + at)) {
        const start = latin1(bytes.subarray(0, 20)).replaceAll(/[^\x20-\x7e]/g, '.')
        throw new EngineError('HANDSHAKE_INVALID', 'peer', `not the BitTorrent protocol: "${start}"`)
      }
    }
    this.#bytes.set(bytes.subarray(0, count), this.#held)
    this.#held += count
    this.#rest = bytes.subarray(count)
    if (this.#held < HANDSHAKE_LENGTH) return undefined
    return {
      infoHash: infoHash(this.#bytes.slice(INFO_HASH_AT, PEER_ID_AT)),
      peerId: this.#bytes.slice(PEER_ID_AT),
      reserved: this.#bytes.slice(RESERVED_AT, INFO_HASH_AT),
    }
  }
}
