/** What the choker must know about a peer; `PeerSession` has this shape, and so has a literal in a test. */
export interface Chokeable {
  readonly peerInterested: boolean
  readonly amChoking: boolean
  readonly isSnubbed: boolean
  /** Payload B/s. */
  downRate(now: number): number
  upRate(now: number): number
  /** `clock.now()` of the last unchoke, and of the handshake. */
  readonly unchokedAt: number
  readonly connectedAt: number
}

export interface ChokeRound<P> {
  /** Peers that may ask us, at most `slots` of them. */
  readonly unchoke: ReadonlySet<P>
  /** The one among them that is there by chance (BEP 3), to discover better ones. */
  readonly optimistic: P | undefined
}

const OPTIMISTIC_MS = 30_000
/** A seed gives everybody a turn of this length before it compares. */
const TURN_MS = 60_000

/**
 * Who is unchoked for the next ten seconds (BEP 3, "choking and optimistic unchoking").
 * While leeching the best reciprocators win; while seeding those that take our data fastest, with turns so that nobody starves.
 */
export function chokeRound<P extends Chokeable>(
  peers: readonly P[],
  options: {
    readonly slots: number
    readonly seeding: boolean
    readonly optimistic: P | undefined
    readonly optimisticSince: number
    readonly now: number
    readonly random: () => number
  },
): ChokeRound<P> {
  const { slots, seeding, now } = options
  const interested = peers.filter(peer => peer.peerInterested)
  if (interested.length <= slots) return { unchoke: new Set(interested), optimistic: undefined }

  const rank = seeding ? rankBySeeding(now) : rankByGiving(now)
  const ranked = interested.map(peer => ({ peer, score: rank(peer) })).sort((a, b) => b.score - a.score)
  const regular = Math.max(1, slots - 1)
  const unchoke = new Set(ranked.slice(0, regular).map(one => one.peer))

  const keep =
    options.optimistic !== undefined &&
    now - options.optimisticSince < OPTIMISTIC_MS &&
    interested.includes(options.optimistic) &&
    !unchoke.has(options.optimistic)
  const optimistic = keep ? options.optimistic : pickOptimistic(ranked.slice(regular), options.now, options.random)
  if (optimistic !== undefined && unchoke.size < slots) unchoke.add(optimistic)
  return { unchoke, optimistic }
}

const rankByGiving = (now: number) => (peer: Chokeable) => {
  // A peer that owes us blocks and sends none gets nothing but an optimistic turn.
  if (peer.isSnubbed) return -1
  // What is unchoked already stays at equal rates: changing costs both sides their pipeline.
  return peer.downRate(now) * (peer.amChoking ? 1 : 1.05)
}

const rankBySeeding = (now: number) => (peer: Chokeable) => {
  const hadTurn = !peer.amChoking && now - peer.unchokedAt > TURN_MS
  return (hadTurn ? 0 : 1e12) + (peer.amChoking ? now - peer.unchokedAt : 1e9 + peer.upRate(now))
}

/** Newcomers are three times as likely: they have nothing to give yet (BEP 3). */
function pickOptimistic<P extends Chokeable>(
  rest: readonly { readonly peer: P }[],
  now: number,
  random: () => number,
): P | undefined {
  const weights = rest.map(({ peer }) => (now - peer.connectedAt < 60_000 ? 3 : 1))
  let dice = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (let at = 0; at < rest.length; at++) {
    dice -= weights[at]!
    if (dice < 0) return rest[at]!.peer
  }
  return rest.at(-1)?.peer
}

/** Slots when the user chose none: enough to fill a fast line, few enough that each peer gets something worth having. */
export function automaticSlots(upRate: number, limitUp: number): number {
  const kibPerSecond = (limitUp > 0 ? limitUp : upRate) / 1024
  return Math.min(50, 4 + Math.ceil(Math.sqrt(kibPerSecond) / 4) + (limitUp > 0 ? 0 : 4))
}
