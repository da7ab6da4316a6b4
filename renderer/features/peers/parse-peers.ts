const V4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3}):(\d{1,5})$/
const V6 = /^\[([0-9a-f:.]{2,45})\]:(\d{1,5})$/i

/** `host:port` with literal addresses, several parted by blanks or commas; the engine checks again. */
export function parsePeers(text: string): { readonly peers: readonly string[]; readonly problem?: string } {
  const peers = text.split(/[\s,]+/).filter(Boolean)
  for (const peer of peers) {
    const v4 = V4.exec(peer)
    const port = Number(v4?.[5] ?? V6.exec(peer)?.[2])
    const isAddress = v4 ? v4.slice(1, 5).every(part => Number(part) <= 255) : isV6(peer)
    if (!isAddress) return { peers: [], problem: `“${peer}” is not an address with a port` }
    if (!(port >= 1 && port <= 65_535))
      return { peers: [], problem: `The port of “${peer}” is not between 1 and 65535` }
  }
  return { peers }
}

function isV6(peer: string): boolean {
  const address = V6.exec(peer)?.[1]
  // A URL's host is parsed by the platform, with all the short forms.
  return address !== undefined && URL.canParse(`http://[${address}]/`)
}
