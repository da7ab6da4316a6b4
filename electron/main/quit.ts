import type { App } from 'electron'

/** The app as far as quitting needs it. */
type Quitting = Pick<App, 'exit'> & {
  on(event: 'before-quit', listener: (event: { preventDefault(): void }) => void): unknown
}

/** What must be finished before the process may end. */
const DEADLINE_MS = 5_000

/**
 * Makes quitting wait until the engine has said goodbye and written down what it knows. Asking a second time ends the
 * wait: then the journal of the last seconds has to do.
 */
export function quitGracefully(
  app: Quitting,
  hideWindows: () => void,
  shutdown: (options: { deadlineMs: number }) => Promise<void>,
): void {
  let leaving = false
  app.on('before-quit', event => {
    event.preventDefault()
    if (leaving) return app.exit(1)
    leaving = true
    hideWindows()
    shutdown({ deadlineMs: DEADLINE_MS }).then(
      () => app.exit(0),
      (error: unknown) => {
        console.error(error)
        app.exit(1)
      },
    )
  })
}
