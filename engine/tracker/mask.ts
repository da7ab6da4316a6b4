const MASK = '…'

// Passkeys are long runs of letters and digits in the path, or values in the query; words such as "announce" are neither.
const isSecret = (segment: string) =>
  segment.length >= 12 && /^[\w.~%-]+$/.test(segment) && (/\d/.test(segment) || segment.length >= 20)

/** A tracker's URL for people, logs and errors: what may be a passkey is masked, and so are names before `@`. */
export function maskUrl(url: string): string {
  const match = /^([a-z]+:\/\/)([^/?#]*)([^?#]*)(\?[^#]*)?/i.exec(url)
  if (!match) return MASK
  const [, scheme = '', authority = '', path = '', query = ''] = match
  const host = authority.includes('@') ? `${MASK}@${authority.slice(authority.lastIndexOf('@') + 1)}` : authority
  const shownPath = path
    .split('/')
    .map(segment => (isSecret(segment) ? MASK : segment))
    .join('/')
  const shownQuery = query.replace(/(^\?|&)([^=&]*)=?([^&]*)/g, (_, mark: string, name: string, value: string) =>
    value === '' ? mark + (isSecret(name) ? MASK : name) : `${mark}${name}=${MASK}`,
  )
  return scheme + host + shownPath + shownQuery
}

/** Takes every URL in a text from elsewhere, such as an error of the network, through `maskUrl`. */
export const maskText = (text: string): string => text.replace(/[a-z]+:\/\/[^\s'"<>]+/gi, maskUrl)
