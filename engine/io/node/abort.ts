import { EngineError, type Blame } from '#engine/base/errors.ts'

export const aborted = (blame: Blame) => new EngineError('ABORTED', blame, 'Stopped before it was done')

/** Settles like `work`, or at once with ABORTED: for system calls that cannot be interrupted themselves. */
export function whenAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined)
    return Promise.reject(aborted('network'))
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted('network'))
    signal.addEventListener('abort', onAbort, { once: true })
    const settled = () => signal.removeEventListener('abort', onAbort)
    work.then(
      value => {
        settled()
        resolve(value)
      },
      (thrown: unknown) => {
        settled()
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)))
      },
    )
  })
}
