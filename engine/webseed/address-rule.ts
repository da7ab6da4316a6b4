import { addressClass } from '#engine/base/address-class.ts'
import type { AddressRule } from '#engine/io/http.ts'

/**
 * Which addresses may be asked in the name of a web seed, judged after DNS and on every hop (SSRF): public ones; local
 * ones only where the web seed itself is local, so never by redirect from outside, and nothing in a query can make a
 * local service do something.
 * One rule serves one request: it remembers whether a hop was public.
 * @param allowLocal the user's setting: queries are then no obstacle
 */
export function webSeedAddressRule(allowLocal: boolean): AddressRule {
  let firstPublicHop = Infinity
  let hasQuery = false
  return ({ url, address, hop }) => {
    hasQuery ||= url.includes('?')
    const kind = addressClass(address)
    if (kind === 'public') firstPublicHop = Math.min(firstPublicHop, hop)
    if (kind !== 'local') return kind === 'public'
    return firstPublicHop >= hop && (allowLocal || !hasQuery)
  }
}
