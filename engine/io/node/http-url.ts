import { EngineError } from '#engine/base/errors.ts'

/** An http(s) address taken apart for a request, its path and query as they were written. */
export interface HttpTarget {
  /** As given: for the address rule, the answer and relative redirects. */
  readonly url: string
  readonly isTls: boolean
  /** Lower-case ASCII name or address literal, without brackets. */
  readonly hostname: string
  readonly port: number
  /** The Host header. */
  readonly host: string
  /** What stands in the request line. Percent-escapes are never touched: trackers compare bytes. */
  readonly path: string
  readonly authorization: string | undefined
}

const FORM = /^(https?):\/\/([^/?#\\\s]+)(?=[/?#]|$)([^#]*)/i

/** @throws EngineError INVALID_INPUT when it is no http(s) address */
export function parseHttpUrl(url: string): HttpTarget {
  const match = FORM.exec(url)
  const parsed = match && URL.canParse(url) ? new URL(url) : undefined
  if (!match || !parsed || parsed.hostname === '') {
    throw new EngineError('INVALID_INPUT', 'input', 'That is no http or https address')
  }
  const isTls = parsed.protocol === 'https:'
  const rest = match[3]!
  return {
    url,
    isTls,
    hostname: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? (isTls ? 443 : 80) : Number(parsed.port),
    host: parsed.host,
    path: escapeOutsiders(rest.startsWith('/') ? rest : `/${rest}`),
    authorization: authorizationOf(parsed),
  }
}

/**
 * Where a Location header leads (RFC 9110, 10.2.2).
 * @throws EngineError HTTP_REDIRECT for anything but http(s)
 */
export function redirectTarget(from: HttpTarget, location: string): HttpTarget {
  const scheme = from.isTls ? 'https:' : 'http:'
  // Node hands header bytes over as Latin-1: a byte above 7f is escaped as that byte, not as UTF-8.
  const given = location.trim().replace(/[\u0080-\u00ff]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
  let url
  if (/^https?:\/\//i.test(given)) url = given
  else if (given.startsWith('//')) url = scheme + given
  else if (given.startsWith('/')) url = `${scheme}//${from.host}${given}`
  else url = URL.canParse(given, from.url) ? new URL(given, from.url).href : ''
  try {
    return parseHttpUrl(url)
  } catch (thrown) {
    throw new EngineError(
      'HTTP_REDIRECT',
      'network',
      `${from.hostname} sent us on to something that is no web address`,
      {
        cause: thrown,
      },
    )
  }
}

/** A request line is printable ASCII; everything else is escaped as its UTF-8 bytes. */
const escapeOutsiders = (path: string): string =>
  path.replace(/[^\x21-\x7e]+/g, text =>
    Array.from(Buffer.from(text, 'utf8'), byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )

function authorizationOf(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  const pair = `${unescaped(url.username)}:${unescaped(url.password)}`
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
