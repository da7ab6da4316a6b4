import { EngineError } from '#engine/base/errors.ts'

/** `work`, or ABORTED as soon as the signal says so. The work itself goes on: others may wait for it too. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined) // nobody waits for it here
    return Promise.reject(aborted())
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(aborted())
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

const aborted = () => new EngineError('ABORTED', 'network', 'aborted')
