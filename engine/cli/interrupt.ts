import { EXIT } from './exit-codes.ts'

/**
 * Settles with the exit code at Ctrl+C or SIGTERM; the caller then says goodbye in order. A second one ends at once.
 */
export function interrupted(): Promise<number> {
  return new Promise(settle => {
    let isAsked = false
    const onSignal = (): void => {
      if (isAsked) process.exit(EXIT.interrupted)
      isAsked = true
      settle(EXIT.interrupted)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
