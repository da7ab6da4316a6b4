import type { PeerRow, PeerSource } from '#engine/api/model.ts'
import { formatDuration } from '#renderer/lib/format.ts'
import { plural } from '#renderer/lib/plural.ts'

/**
 * What a peer does, seen from us; and how it is connected, where data flows and that matters.
 * @param isComplete we want nothing any more
 */
export function peerSentence(peer: PeerRow, isComplete: boolean): { readonly does: string; readonly how: string } {
  return { does: doing(peer, isComplete), how: peer.down > 0 || peer.up > 0 ? connection(peer) : '' }
}

function doing(peer: PeerRow, isComplete: boolean): string {
  const sends = peer.down > 0
  const takes = peer.up > 0
  if (peer.transport === 'web-seed') return sends ? 'Sends whole pieces by HTTP' : 'Web seed, idle'
  if (sends) return takes ? 'Both ways' : 'Sends to us'
  if (peer.snubbed) return 'Stopped sending, asked elsewhere'
  const withoutSlot = peer.amInterested && peer.peerChoking
  if (takes) return withoutSlot ? 'We send; it has no slot for us' : 'We send to it'
  if (withoutSlot) return 'Chokes us, waiting for a slot'
  if (peer.amInterested)
    return peer.requestsOut > 0 ? 'Asked, answer on its way' : 'Has a slot for us, nothing to ask now'
  if (peer.peerInterested) return peer.amChoking ? 'Waits for a slot of ours' : 'Has our slot, asks for nothing'
  if (isComplete) return peer.progress >= 1 ? 'Complete, like us' : 'Connected, wants nothing now'
  return 'Connected, has nothing we lack'
}

/** '' for a web seed, whose sentence says it. */
function connection(peer: PeerRow): string {
  const transport = { tcp: 'TCP', utp: 'uTP', 'web-seed': '' }[peer.transport]
  return [peer.encrypted && 'encrypted', transport].filter(Boolean).join(', ')
}

const SOURCES: Record<Exclude<PeerSource, 'incoming'>, string> = {
  tracker: 'a tracker',
  dht: 'DHT',
  pex: 'another peer',
  lsd: 'the local network',
  manual: 'you',
  resume: 'the last session',
  'web-seed': 'the torrent itself',
}

export const SOURCE_HINTS: Record<PeerSource, string> = {
  tracker: 'A tracker named it',
  dht: 'Found in the DHT',
  pex: 'Another peer named it',
  lsd: 'Found on the local network',
  incoming: 'It called us',
  manual: 'You typed its address',
  resume: 'Known from the last session',
  'web-seed': 'The torrent itself names this server',
}

export const SOURCE_WORDS: Record<PeerSource, string> = {
  tracker: 'Tracker',
  dht: 'DHT',
  pex: 'Peers',
  lsd: 'Network',
  incoming: 'Called us',
  manual: 'Typed in',
  resume: 'Last time',
  'web-seed': 'Torrent',
}

/** The connection as a sentence of its own. */
export function connectionWords(peer: PeerRow): string {
  if (peer.transport === 'web-seed') return 'A web server, asked by HTTP'
  return `${peer.encrypted ? 'Encrypted' : 'Not encrypted'}, over ${peer.transport === 'utp' ? 'uTP' : 'TCP'}`
}

/** Every flag of a peer in words, for the line below the list. */
export function peerFacts(peer: PeerRow, now: number): readonly string[] {
  const facts = [
    ...(peer.source === 'incoming'
      ? ['It called us']
      : [`Known from ${SOURCES[peer.source]}`, peer.incoming ? 'it called us' : 'we called it']),
    `connected for ${formatDuration(Math.max(0, (now - peer.connectedAt) / 1000))}`,
    peer.transport === 'web-seed' ? '' : connectionWords(peer).replace(/^./, first => first.toLowerCase()),
    peer.peerChoking ? 'it chokes us' : 'it has a slot for us',
    peer.amChoking ? 'we choke it' : `it has ${peer.optimistic ? 'a trial' : 'a'} slot with us`,
  ]
  if (peer.requestsOut > 0) facts.push(`we wait for ${plural(peer.requestsOut, 'block', 'blocks')}`)
  if (peer.requestsIn > 0) facts.push(`it waits for ${plural(peer.requestsIn, 'block', 'blocks')}`)
  if (peer.snubbed) facts.push('it stopped sending what we asked for')
  if (peer.hashFails > 0) facts.push(`${plural(peer.hashFails, 'bad piece', 'bad pieces')} with its blocks`)
  return facts.filter(Boolean)
}
