import { randomUUID } from 'node:crypto'
import type { Settings } from '#engine/api/settings.ts'
import type { Downward, Upward } from '#engine/api/messages.ts'
import type { Transport } from '#engine/api/transport.ts'
import type { Io } from '#engine/io/io.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import { createSession } from '#engine/session/session.ts'
import { ClientSeat } from './client-seat.ts'
import { Dispatcher } from './dispatcher.ts'
import { Publisher } from './publisher.ts'
import { userAgent, version } from './version.ts'

export interface EngineOptions {
  readonly io: Io
  /** Absolute folder for state; made when missing, locked while the engine lives. */
  readonly dataDir: string
  /** Where downloads go until the user says otherwise. */
  readonly downloadFolder: string
  readonly overrides?: {
    /** In force for this process, never saved. */
    readonly settings?: Partial<Settings>
    /** This port or none; 0 is any free one. */
    readonly listenPort?: number
    readonly listenHost?: string
    readonly useTrackers?: boolean
    /** Nodes to enter the DHT by, `host:port`, instead of the public ones. */
    readonly dhtNodes?: readonly string[]
  }
}

/** The front door: whatever hosts an engine uses only this. */
export interface Engine {
  /** Seats one more face at the other end of `transport`. */
  attach(transport: Transport<Downward, Upward>): void
  /** Says goodbye to peers and trackers and writes everything down; settled by the deadline. Idempotent. */
  shutdown(options: { deadlineMs: number }): Promise<void>
}

/** The real world. Close it after the engine. Of the memory three quarters hold unverified pieces; the session reads with the rest. */
export const nodeIo = (options: { cacheMiB?: number } = {}): Io & { close(): Promise<void> } =>
  createNodeIo({ cacheMiB: ((options.cacheMiB ?? 64) * 3) / 4 })

/** The composition root. @throws EngineError STATE_LOCKED when another Freshet uses this folder, PORT_IN_USE, DISK_* */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { io } = options
  const session = await createSession({ ...options, userAgent })
  const publisher = new Publisher(session, io)
  const dispatcher = new Dispatcher(session, io)
  // New with every process: a client that finds another one forgets what it knew.
  const hello = { epoch: randomUUID(), appVersion: version }
  return {
    attach: transport => {
      const seat = new ClientSeat(transport, hello, dispatcher, () => publisher.changed())
      publisher.seat(seat)
    },
    shutdown: async ({ deadlineMs }) => {
      await session.shutdown({ deadlineMs })
      publisher.close()
    },
  }
}
