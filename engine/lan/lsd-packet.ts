import { latin1, utf8 } from '#engine/base/bytes.ts'
import type { Endpoint } from '#engine/base/endpoint.ts'
import { fromHex, toHex } from '#engine/base/ids.ts'
import { LIMITS } from '#engine/base/limits.ts'

/** Where local announces go, per family (BEP 14). */
export const LSD_GROUPS: { readonly [family in 4 | 6]: Endpoint } = {
  4: { address: '239.192.152.143', port: 6771, family: 4 },
  6: { address: 'ff15::efc0:988f', port: 6771, family: 6 },
}

/** "I take part in these torrents, and listen on this port" (BEP 14). */
export interface LsdAnnounce {
  /** 1 to 65535. */
  readonly port: number
  /** 20 bytes each, at least one. */
  readonly infoHashes: readonly Uint8Array[]
  /** By which a sender knows its own packets. */
  readonly cookie: string | undefined
}

/** @param announce at most `LIMITS.lan.lsdHashes` infohashes, so that it fits into one frame */
export function encodeLsd(announce: LsdAnnounce, family: 4 | 6): Uint8Array {
  const { address, port } = LSD_GROUPS[family]
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${family === 6 ? `[${address}]` : address}:${port}`,
    `Port: ${announce.port}`,
    ...announce.infoHashes.map(infoHash => `Infohash: ${toHex(infoHash)}`),
    ...(announce.cookie === undefined ? [] : [`cookie: ${announce.cookie}`]),
  ]
  return utf8(`${lines.join('\r\n')}\r\n\r\n\r\n`)
}

/** `undefined` for anything else than an announce. Never throws. */
export function parseLsd(bytes: Uint8Array): LsdAnnounce | undefined {
  if (bytes.length > LIMITS.lan.lsdBytes) return undefined
  const [first, ...lines] = latin1(bytes).split(/\r?\n/)
  if (!/^BT-SEARCH \* HTTP\/1\.\d$/i.test(first ?? '')) return undefined
  const infoHashes: Uint8Array[] = []
  let port = 0
  let cookie: string | undefined
  for (const line of lines) {
    const colon = line.indexOf(':')
    const value = line.slice(colon + 1).trim()
    switch (line.slice(0, Math.max(0, colon)).trim().toLowerCase()) {
      case 'port':
        if (/^\d{1,5}$/.test(value)) port = Number(value)
        break
      case 'infohash': {
        const infoHash = value.length === 40 ? fromHex(value) : undefined
        if (infoHash && infoHashes.length < LIMITS.lan.lsdHashes) infoHashes.push(infoHash)
        break
      }
      case 'cookie':
        cookie = value
        break
    }
  }
  return port > 0 && port <= 65_535 && infoHashes.length > 0 ? { port, infoHashes, cookie } : undefined
}
