import { toEngineError, type EngineError } from '#engine/base/errors.ts'

/**
 * The one wrapper around every handler of outside bytes: what it throws ends that peer, packet or request and nothing else.
 * @param onThrow ends the source; an error with blame 'bug' has been logged by then if the owner logs it
 */
export function guard(fn: () => void, onThrow: (error: EngineError) => void): void {
  try {
    fn()
  } catch (thrown) {
    onThrow(toEngineError(thrown))
  }
}
