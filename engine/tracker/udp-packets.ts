/** The packets of BEP 15 and the URL data of BEP 41, as bytes and back. */
import { readU32, utf8, writeU16, writeU32 } from '#engine/base/bytes.ts'
import { parseCompact } from '#engine/base/endpoint.ts'
import { LIMITS } from '#engine/base/limits.ts'
import type { Announce, AnnounceAnswer, AnnounceEvent, SwarmCounts } from './announce.ts'
import { intervalMs } from './schedule.ts'

export const ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const
export type Action = (typeof ACTION)[keyof typeof ACTION]

// BEP 21's "paused" has no number in BEP 15.
const EVENT: Record<AnnounceEvent, number> = { '': 0, completed: 1, started: 2, stopped: 3, paused: 0 }
const OPTION_END = 0
const OPTION_URL_DATA = 2
const ANNOUNCE_BYTES = 98
const MOST_COUNT = 2 ** 31 - 1

export function encodeConnect(transaction: number): Uint8Array {
  const packet = new Uint8Array(16)
  writeU32(packet, 0, 0x417)
  writeU32(packet, 4, 0x27101980)
  writeU32(packet, 8, ACTION.connect)
  writeU32(packet, 12, transaction)
  return packet
}

/**
 * @param connection 8 bytes
 * @param request path and query of the tracker's URL; '' sends none (BEP 41)
 */
export function encodeAnnounce(
  connection: Uint8Array,
  transaction: number,
  announce: Announce,
  request: string,
): Uint8Array {
  const options = urlData(request)
  const packet = new Uint8Array(ANNOUNCE_BYTES + options.length)
  head(packet, connection, ACTION.announce, transaction)
  packet.set(announce.infoHash, 16)
  packet.set(announce.peerId, 36)
  writeU64(packet, 56, announce.downloaded)
  writeU64(packet, 64, announce.left)
  writeU64(packet, 72, announce.uploaded)
  writeU32(packet, 80, EVENT[announce.event])
  // 84: our address, 0 for "the one you see".
  writeU32(packet, 88, announce.key)
  writeU32(packet, 92, announce.numWant)
  writeU16(packet, 96, announce.port)
  packet.set(options, ANNOUNCE_BYTES)
  return packet
}

/** @param hashes 20 bytes each, at most 74 */
export function encodeScrape(connection: Uint8Array, transaction: number, hashes: readonly Uint8Array[]): Uint8Array {
  const packet = new Uint8Array(16 + 20 * hashes.length)
  head(packet, connection, ACTION.scrape, transaction)
  hashes.forEach((hash, at) => packet.set(hash, 16 + 20 * at))
  return packet
}

function head(packet: Uint8Array, connection: Uint8Array, action: Action, transaction: number): void {
  packet.set(connection)
  writeU32(packet, 8, action)
  writeU32(packet, 12, transaction)
}

function writeU64(bytes: Uint8Array, at: number, value: number): void {
  // Counters are exact to 2^53, beyond what 32-bit shifts can carry.
  writeU32(bytes, at, Math.floor(value / 2 ** 32))
  writeU32(bytes, at + 4, value % 2 ** 32)
}

/** Options of at most 255 bytes each, then the end mark; nothing for a bare path. */
function urlData(request: string): Uint8Array {
  const text = utf8(request)
  if (text.length <= 1) return new Uint8Array(0)
  const data: number[] = []
  for (let at = 0; at < text.length; at += 255) {
    const part = text.subarray(at, at + 255)
    data.push(OPTION_URL_DATA, part.length, ...part)
  }
  data.push(OPTION_END)
  return Uint8Array.from(data)
}

/** Action and transaction of a reply; `undefined` when it is too short to be one. */
export function replyHead(packet: Uint8Array): { action: number; transaction: number } | undefined {
  return packet.length < 8 ? undefined : { action: readU32(packet, 0), transaction: readU32(packet, 4) }
}

/** Fewest bytes of a reply; shorter ones are dropped. */
export const REPLY_BYTES: Record<Action, number> = { 0: 16, 1: 20, 2: 8, 3: 8 }

/** @param packet a reply of at least `REPLY_BYTES[1]` @param family of the socket: it decides the size of an address */
export function parseAnnounceReply(packet: Uint8Array, family: 4 | 6): AnnounceAnswer {
  const size = family === 4 ? 6 : 18
  const count = Math.min(Math.floor((packet.length - 20) / size), LIMITS.tracker.udpPeers)
  return {
    intervalMs: intervalMs(readU32(packet, 8)),
    minIntervalMs: 0,
    leeches: countAt(packet, 12),
    seeds: countAt(packet, 16),
    completed: null,
    peers: parseCompact(packet.subarray(20, 20 + count * size), family, count) ?? [],
    trackerId: undefined,
    warning: '',
    externalAddress: undefined,
  }
}

/** Counts of the first swarms asked for, as many as the packet has. */
export function parseScrapeReply(packet: Uint8Array): SwarmCounts[] {
  return Array.from({ length: Math.floor((packet.length - 8) / 12) }, (_, at) => ({
    seeds: countAt(packet, 8 + at * 12),
    completed: countAt(packet, 12 + at * 12),
    leeches: countAt(packet, 16 + at * 12),
  }))
}

function countAt(packet: Uint8Array, at: number): number | null {
  const count = readU32(packet, at)
  return count <= MOST_COUNT ? count : null
}
