import { EngineError } from '#engine/base/errors.ts'

export const errnoOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''

/** Why a port could not be opened. Only a port that is taken is PORT_IN_USE: trying another one helps. */
export function listenError(thrown: unknown, host: string, port: number): EngineError {
  const errno = errnoOf(thrown)
  if (errno === 'EADDRINUSE') {
    return new EngineError('PORT_IN_USE', 'network', `Port ${port} is used by another program`, { cause: thrown })
  }
  const reason = errno === 'EACCES' ? 'the system does not allow it' : errno
  return new EngineError('CONNECT_FAILED', 'network', `Cannot listen on ${host}, port ${port}: ${reason}`, {
    cause: thrown,
  })
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer',
  EPIPE: 'the connection was closed',
}

export const reasonOf = (thrown: unknown): string =>
  REASONS[errnoOf(thrown)] ?? (thrown instanceof Error ? thrown.message : String(thrown))
