/** Every code an error of the engine can carry. Faces and tests match the code, never the text. */
export type ErrorCode =
  // bencode, metainfo, magnet
  | 'BENCODE_SYNTAX'
  | 'BENCODE_LIMIT'
  | 'METAINFO_INVALID'
  | 'METAINFO_LIMIT'
  | 'MAGNET_INVALID'
  | 'SOURCE_UNRECOGNISED'
  // peer wire
  | 'HANDSHAKE_INVALID'
  | 'HANDSHAKE_WRONG_TORRENT'
  | 'HANDSHAKE_SELF'
  | 'WIRE_MESSAGE_TOO_LONG'
  | 'WIRE_MESSAGE_TOO_SHORT'
  | 'WIRE_PROTOCOL'
  | 'PEER_TIMEOUT'
  | 'PEER_CLOSED'
  | 'PEER_BANNED'
  | 'METADATA_INVALID'
  // network
  | 'CONNECT_FAILED'
  | 'CONNECT_TIMEOUT'
  | 'DNS_FAILED'
  | 'ADDRESS_FORBIDDEN'
  | 'PORT_IN_USE'
  | 'HTTP_FAILED'
  | 'HTTP_STATUS'
  | 'HTTP_TOO_LARGE'
  | 'HTTP_TIMEOUT'
  | 'HTTP_REDIRECT'
  // routers
  | 'GATEWAY_SILENT'
  | 'GATEWAY_REFUSED'
  | 'GATEWAY_INVALID'
  // trackers
  | 'TRACKER_REFUSED'
  | 'TRACKER_INVALID'
  | 'TRACKER_TIMEOUT'
  | 'TRACKER_URL'
  // disk
  | 'DISK_FULL'
  | 'DISK_DENIED'
  | 'DISK_MISSING'
  | 'DISK_READ_ONLY'
  | 'DISK_IO'
  | 'DISK_CHANGED'
  | 'PATH_UNSAFE'
  | 'STATE_CORRUPT'
  | 'STATE_LOCKED'
  // commands
  | 'NOT_FOUND'
  | 'DUPLICATE'
  | 'INVALID_INPUT'
  | 'UNSUPPORTED'
  | 'NO_METADATA'
  | 'ABORTED'
  | 'SHUTTING_DOWN'
  | 'INTERNAL'

/** Who has to act: drop this peer, retry this tracker, or stop and tell the user. */
export type Blame = 'peer' | 'tracker' | 'network' | 'disk' | 'input' | 'state' | 'bug'

/** A failure with a code and somebody to blame. Normal life ("duplicate", "full", "mismatch") is a return value instead. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly code: ErrorCode
  readonly blame: Blame
  /** Byte offset in the input at which it stopped making sense, where that means something. */
  readonly offset: number | undefined

  constructor(
    code: ErrorCode,
    blame: Blame,
    message: string,
    options?: { cause?: unknown; offset?: number | undefined },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.blame = blame
    this.offset = options?.offset
  }
}

/** Anything thrown, as an EngineError: what is not one already is a bug of ours. */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
  return new EngineError('INTERNAL', 'bug', message, { cause: thrown })
}

/** The end of a switch over a union: a missing case does not compile. */
export function assertNever(value: never): never {
  throw new EngineError('INTERNAL', 'bug', `unexpected ${String(value)}`)
}
