import { createHash, timingSafeEqual } from 'node:crypto'

const WRONG_MOST = 10
const WRONG_WINDOW_MS = 60_000

/** Whether a Host header names this computer's loopback and our port (or none). Exactly: no lists, no user, no odd spellings. */
export function isOwnHost(header: string | undefined, port: number): boolean {
  const match = /^(127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i.exec(header ?? '')
  return match !== null && (match[2] === undefined || Number(match[2]) === port)
}

/** An Origin of our own, or none at all. */
export function isOwnOrigin(origin: string | undefined, port: number): boolean {
  if (origin === undefined) return true
  const match = /^http:\/\/(.+)$/i.exec(origin)
  return match !== null && /:\d+$/.test(match[1]!) && isOwnHost(match[1], port)
}

/** Whether a browser says (Sec-Fetch-Site) that a page of somebody else asks. Typed addresses and programs are no page. */
export const isFromElsewhere = (site: string | undefined): boolean => site === 'cross-site' || site === 'same-site'

/** Digests are compared, so that neither length nor content shows in the time it takes. */
export function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}

/** The value of one cookie of a Cookie header. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const cut = pair.indexOf('=')
    if (cut >= 0 && pair.slice(0, cut).trim() === name) return pair.slice(cut + 1).trim()
  }
  return undefined
}

/** Ten wrong keys in a minute close the door for that minute, to everybody: all come from this computer. */
export class GuessLock {
  readonly #now: () => number
  #wrong = 0
  #since = -Infinity

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  allows(): boolean {
    if (this.#now() - this.#since > WRONG_WINDOW_MS) this.#wrong = 0
    return this.#wrong < WRONG_MOST
  }

  /** @returns what it was told */
  note(isRight: boolean): boolean {
    if (!isRight) {
      if (this.#wrong === 0) this.#since = this.#now()
      this.#wrong++
    }
    return isRight
  }
}
