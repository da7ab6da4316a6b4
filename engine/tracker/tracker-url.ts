import { maskUrl } from './mask.ts'

/** A tracker's URL, taken apart once. */
export interface TrackerUrl {
  /** As written, byte for byte, without a fragment. */
  readonly href: string
  readonly scheme: 'http' | 'https' | 'udp'
  /** Lower case, IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** Path and query as written; '' when there are none. */
  readonly request: string
  /** For people: passkeys masked. */
  readonly masked: string
}

const DEFAULT_PORT = { http: 80, https: 443, udp: 0 } as const
const MOST_CHARS = 2048

/** `undefined` for anything but a plain http, https or udp URL: other schemes, spaces, backslashes, controls, no port for udp. */
export function trackerUrl(text: string): TrackerUrl | undefined {
  const match = /^(https?|udp):\/\/[^/?#]+([/?][^#]*)?(?:#.*)?$/i.exec(text)
  // Parsers disagree about these characters, and what parsers disagree about gets past checks.
  if (!match || text.length > MOST_CHARS || /[\p{Cc}\s\\]/u.test(text)) return undefined
  const scheme = match[1]!.toLowerCase() as TrackerUrl['scheme']
  let parsed: URL
  try {
    parsed = new URL(text)
  } catch {
    return undefined
  }
  const port = parsed.port === '' ? DEFAULT_PORT[scheme] : Number(parsed.port)
  const host = parsed.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  // A percent sign survives in udp hosts only, which the URL standard does not decode.
  if (host === '' || host.includes('%') || port < 1 || port > 65535) return undefined
  const href = text.replace(/#.*$/, '')
  return { href, scheme, host, port, request: match[2] ?? '', masked: maskUrl(href) }
}
