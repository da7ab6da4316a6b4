import { type Endpoint, endpoint, endpointKey } from '#engine/base/endpoint.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'
import { readU32 } from '#engine/base/bytes.ts'
import type { Clock } from '#engine/io/clock.ts'
import type { Dns } from '#engine/io/dns.ts'
import type { Random } from '#engine/io/random.ts'
import type { Udp, UdpSocket } from '#engine/io/udp.ts'
import { abortable } from './abortable.ts'
import { trackerAddressRule } from './address-rule.ts'
import type { Announce, AnnounceResult, LocalPermission, Refusal, ScrapeResult } from './announce.ts'
import { failedResult } from './failure-text.ts'
import { shownText } from './text.ts'
import type { TrackerUrl } from './tracker-url.ts'
import {
  ACTION,
  type Action,
  encodeAnnounce,
  encodeConnect,
  encodeScrape,
  parseAnnounceReply,
  parseScrapeReply,
  REPLY_BYTES,
  replyHead,
} from './udp-packets.ts'
import { usablePeers } from './usable-peers.ts'

/** BEP 15: the n-th silence lasts 15·2^n seconds, n up to 8. */
const FIRST_WAIT_MS = 15_000
const MOST_DOUBLINGS = 8
/** BEP 15: a client may use a connection id for a minute. */
const CONNECTION_MS = 60_000
/** A call gives up after this much silence, so that the next tracker gets its turn; the schedule then goes on doubling. */
const CALL_MS = LIMITS.http.totalMs

export interface UdpTrackerIo {
  readonly clock: Clock
  readonly random: Random
  readonly udp: Udp
  readonly dns: Dns
}

interface Pending {
  readonly from: string
  readonly action: Action
  settle(reply: Uint8Array | undefined): void
}

interface Connection {
  id: Promise<Uint8Array>
  /** `clock.now()` ms; Infinity while connecting. */
  until: number
}

/** All UDP trackers of a session (BEP 15, 41): one socket per family, one connection id per tracker address. */
export class UdpTrackers {
  readonly #io: UdpTrackerIo
  readonly #sockets = new Map<4 | 6, Promise<UdpSocket>>()
  readonly #pending = new Map<number, Pending>()
  readonly #connections = new Map<string, Connection>()
  readonly #closing = new AbortController()

  constructor(io: UdpTrackerIo) {
    this.#io = io
  }

  /** Never throws. */
  async announce(
    tracker: TrackerUrl,
    family: 4 | 6,
    permission: LocalPermission,
    announce: Announce,
    signal: AbortSignal,
  ): Promise<AnnounceResult> {
    try {
      const to = await this.#addressOf(tracker, family, permission, signal)
      const encode = (id: Uint8Array, transaction: number) => encodeAnnounce(id, transaction, announce, tracker.request)
      const reply = await this.#call(to, ACTION.announce, encode, signal)
      if (replyHead(reply)!.action === ACTION.error || isBareHead(reply)) return refusal(reply)
      const answer = parseAnnounceReply(reply, to.family)
      return { kind: 'answer', answer: { ...answer, peers: usablePeers(answer.peers, to.address) } }
    } catch (thrown) {
      return failedResult(tracker, thrown, signal)
    }
  }

  /** Never throws. @param hashes at most 74 */
  async scrape(
    tracker: TrackerUrl,
    family: 4 | 6,
    permission: LocalPermission,
    hashes: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<ScrapeResult> {
    try {
      const to = await this.#addressOf(tracker, family, permission, signal)
      const encode = (id: Uint8Array, transaction: number) => encodeScrape(id, transaction, hashes)
      const reply = await this.#call(to, ACTION.scrape, encode, signal)
      if (replyHead(reply)!.action === ACTION.error || isBareHead(reply)) return refusal(reply)
      const counts = parseScrapeReply(reply)
      return { kind: 'counts', counts: hashes.map((_, at) => counts[at]) }
    } catch (thrown) {
      return failedResult(tracker, thrown, signal)
    }
  }

  close(): void {
    this.#closing.abort()
    for (const one of this.#pending.values()) one.settle(undefined)
    for (const opening of this.#sockets.values()) {
      opening.then(
        socket => socket.close(),
        () => undefined, // never opened
      )
    }
    this.#sockets.clear()
    this.#connections.clear()
  }

  /** The address to send to, judged after DNS. @throws EngineError DNS_FAILED, ADDRESS_FORBIDDEN, ABORTED */
  async #addressOf(
    tracker: TrackerUrl,
    family: 4 | 6,
    permission: LocalPermission,
    signal: AbortSignal,
  ): Promise<Endpoint> {
    const allow = trackerAddressRule(tracker, permission)
    const addresses = (await this.#io.dns.resolve(tracker.host, signal)).filter(one => one.family === family)
    if (addresses.length === 0) {
      throw new EngineError('DNS_FAILED', 'network', `no IPv${family} address for ${tracker.host}`)
    }
    for (const { address } of addresses) {
      const to = endpoint(address, tracker.port)
      if (to?.family === family && allow({ url: tracker.href, address: to.address, family, hop: 0 })) return to
    }
    throw new EngineError('ADDRESS_FORBIDDEN', 'tracker', `${tracker.host} is at a local address`)
  }

  /** A reply of `action`, or an error packet. @throws EngineError TRACKER_TIMEOUT, ABORTED, PORT_IN_USE */
  async #call(
    to: Endpoint,
    action: Action,
    encode: (id: Uint8Array, transaction: number) => Uint8Array,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const socket = await abortable(this.#socket(to.family), signal)
    const deadline = this.#io.clock.now() + CALL_MS
    for (let n = 0; this.#io.clock.now() < deadline; n++) {
      const id = await abortable(this.#connectionId(socket, to), signal)
      const reply = await this.#exchange(
        socket,
        to,
        action,
        tx => encode(id, tx),
        waitMs(n, this.#io.clock.now(), deadline),
        signal,
      )
      if (reply && replyHead(reply)!.action !== ACTION.error) return reply
      // Silence and errors may both mean that the tracker has forgotten the id.
      this.#connections.delete(endpointKey(to))
      if (reply) return reply
    }
    throw new EngineError('TRACKER_TIMEOUT', 'tracker', `no answer from ${endpointKey(to)}`)
  }

  /** One connect is shared by all who wait for it. */
  #connectionId(socket: UdpSocket, to: Endpoint): Promise<Uint8Array> {
    const key = endpointKey(to)
    const now = this.#io.clock.now()
    const held = this.#connections.get(key)
    if (held && now < held.until) return held.id
    this.#forgetOld(now)
    const connection: Connection = { id: this.#connect(socket, to), until: Infinity }
    this.#connections.set(key, connection)
    connection.id.then(
      () => void (connection.until = this.#io.clock.now() + CONNECTION_MS),
      () => {
        if (this.#connections.get(key) === connection) this.#connections.delete(key)
      },
    )
    return connection.id
  }

  async #connect(socket: UdpSocket, to: Endpoint): Promise<Uint8Array> {
    const signal = this.#closing.signal
    const deadline = this.#io.clock.now() + CALL_MS
    for (let n = 0; this.#io.clock.now() < deadline; n++) {
      const reply = await this.#exchange(
        socket,
        to,
        ACTION.connect,
        encodeConnect,
        waitMs(n, this.#io.clock.now(), deadline),
        signal,
      )
      if (!reply) continue
      if (replyHead(reply)!.action === ACTION.error) {
        throw new EngineError('TRACKER_INVALID', 'tracker', `refused to connect: ${shownText(reply.subarray(8))}`)
      }
      return reply.subarray(8, 16)
    }
    throw new EngineError('TRACKER_TIMEOUT', 'tracker', `no answer from ${endpointKey(to)}`)
  }

  /** Sends once and waits; `undefined` is silence. The reply is ours to keep. @throws EngineError ABORTED */
  #exchange(
    socket: UdpSocket,
    to: Endpoint,
    action: Action,
    encode: (transaction: number) => Uint8Array,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const transaction = this.#newTransaction()
    const reply = new Promise<Uint8Array | undefined>(resolve => {
      const timer = this.#io.clock.after(waitMs, () => settle(undefined))
      const settle = (bytes: Uint8Array | undefined) => {
        timer[Symbol.dispose]()
        this.#pending.delete(transaction)
        signal.removeEventListener('abort', onAbort)
        resolve(bytes)
      }
      const onAbort = () => settle(undefined)
      signal.addEventListener('abort', onAbort)
      this.#pending.set(transaction, { from: endpointKey(to), action, settle })
    })
    socket.send(encode(transaction), to)
    return abortable(reply, signal)
  }

  #socket(family: 4 | 6): Promise<UdpSocket> {
    const held = this.#sockets.get(family)
    if (held) return held
    if (this.#closing.signal.aborted) throw new EngineError('ABORTED', 'bug', 'trackers are closed')
    const opening = this.#io.udp.bind({ family, port: 0 }, (bytes, from) => this.#receive(bytes, from))
    this.#sockets.set(family, opening)
    opening.catch(() => this.#sockets.delete(family)) // the next call tries again
    return opening
  }

  #receive(bytes: Uint8Array, from: Endpoint): void {
    const head = replyHead(bytes)
    const pending = head && this.#pending.get(head.transaction)
    // Anybody can send us packets: only the one we asked, with what we asked for, may end the waiting.
    if (!pending || pending.from !== endpointKey(from)) return
    if (head.action !== pending.action && head.action !== ACTION.error) return
    if (bytes.length < REPLY_BYTES[head.action] && !isBareHead(bytes)) return
    // A copy: the buffer is lent, and whoever waits continues later.
    pending.settle(bytes.slice(0, LIMITS.tracker.udpPacketBytes))
  }

  #newTransaction(): number {
    for (;;) {
      const transaction = readU32(this.#io.random.bytes(4), 0)
      if (!this.#pending.has(transaction)) return transaction
    }
  }

  #forgetOld(now: number): void {
    for (const [key, { until }] of this.#connections) if (until <= now) this.#connections.delete(key)
  }
}

const waitMs = (n: number, now: number, deadline: number) =>
  Math.min(FIRST_WAIT_MS * 2 ** Math.min(n, MOST_DOUBLINGS), deadline - now)

/** opentracker's way to refuse a torrent is an answer that ends after its head. */
const isBareHead = (reply: Uint8Array) => reply.length === 8 && replyHead(reply)?.action === ACTION.announce

function refusal(reply: Uint8Array): Refusal {
  return { kind: 'refused', text: shownText(reply.subarray(8)) || 'no reason given', retryInMs: undefined }
}
