import { addressClass } from '#engine/base/address-class.ts'
import type { AddressRule } from '#engine/io/http.ts'
import type { LocalPermission } from './announce.ts'
import type { TrackerUrl } from './tracker-url.ts'

/**
 * Which addresses may be asked in the name of a tracker, judged after DNS and on every hop (SSRF).
 * Local ones: when the user named the tracker or the setting allows it, or when the URL can hardly be anything but a
 * tracker's: its path begins with /announce and it brings no query of its own. Never by redirect from outside, and
 * never down from https to http.
 * One rule serves one request: it remembers whether a hop was public.
 */
export function trackerAddressRule(tracker: TrackerUrl, permission: LocalPermission): AddressRule {
  const mayBeLocal = permission.byUser || permission.allowLocal
  const isPlain = isPlainAnnounce(tracker.request)
  let firstPublicHop = Infinity
  return ({ url, address, hop }) => {
    if (hop > 0 && tracker.scheme === 'https' && !/^https:/i.test(url)) return false
    const kind = addressClass(address)
    if (kind === 'public') firstPublicHop = Math.min(firstPublicHop, hop)
    if (kind !== 'local') return kind === 'public'
    if (firstPublicHop < hop) return false
    // A redirect carries our parameters, so only its path can be judged.
    return mayBeLocal || (isPlain && (hop === 0 || isAnnouncePath(url)))
  }
}

const isPlainAnnounce = (request: string) => /^\/announce[^?]*\??$/.test(request)
const isAnnouncePath = (url: string) => /^[a-z]+:\/\/[^/?#]+\/announce/i.test(url)
