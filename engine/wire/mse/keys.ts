import { concat, utf8 } from '#engine/base/bytes.ts'
import type { Hashes } from '#engine/base/hashes.ts'
import { toHex, type InfoHash } from '#engine/base/ids.ts'
import { Rc4 } from './rc4.ts'

const [REQ1, REQ2, REQ3, KEY_A, KEY_B] = ['req1', 'req2', 'req3', 'keyA', 'keyB'].map(utf8) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

/** 20 bytes by which the responder finds where the initiator's padding ends. @param secret 96 bytes, S */
export const syncHash = (secret: Uint8Array, hashes: Hashes): Uint8Array => hashes.sha1(concat([REQ1, secret]))

/** 20 bytes that name the torrent to those who know it. @param skey infohash */
const torrentHash = (skey: Uint8Array, hashes: Hashes): Uint8Array => hashes.sha1(concat([REQ2, skey]))

/** HASH('req2', SKEY) xor HASH('req3', S), 20 bytes: what the initiator sends. */
export const hiddenTorrentHash = (skey: Uint8Array, secret: Uint8Array, hashes: Hashes): Uint8Array =>
  xor(torrentHash(skey, hashes), hashes.sha1(concat([REQ3, secret])))

/** The two streams: `a` is what the initiator sends, `b` what the responder sends. */
export const ciphersOf = (
  skey: Uint8Array,
  secret: Uint8Array,
  hashes: Hashes,
): { readonly a: Rc4; readonly b: Rc4 } => ({
  a: new Rc4(hashes.sha1(concat([KEY_A, secret, skey]))),
  b: new Rc4(hashes.sha1(concat([KEY_B, secret, skey]))),
})

/** The torrents that incoming connections may ask for: found by one hash, however many there are. */
export class SkeyIndex {
  readonly #hashes: Hashes
  readonly #byHash = new Map<string, InfoHash>()

  constructor(hashes: Hashes) {
    this.#hashes = hashes
  }

  add(infoHash: InfoHash): void {
    this.#byHash.set(toHex(torrentHash(infoHash, this.#hashes)), infoHash)
  }

  delete(infoHash: InfoHash): void {
    this.#byHash.delete(toHex(torrentHash(infoHash, this.#hashes)))
  }

  /** The lookup of `MseResponder`. */
  readonly find = (req2xor: Uint8Array, secret: Uint8Array): InfoHash | undefined =>
    this.#byHash.get(toHex(xor(req2xor, this.#hashes.sha1(concat([REQ3, secret])))))
}

const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, at) => byte ^ b[at]!)
