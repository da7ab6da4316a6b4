import { EngineError } from '#engine/base/errors.ts'

/** One check at a time, in the order asked: two would only make the disk seek between them. */
export class CheckTurns {
  #isBusy = false
  readonly #waiting: (() => void)[] = []

  /** Disposing the turn hands it on. @throws EngineError ABORTED when `signal` aborts while waiting */
  take(signal: AbortSignal): Promise<Disposable> {
    if (signal.aborted) return Promise.reject(aborted())
    if (!this.#isBusy) return Promise.resolve(this.#begin())
    return new Promise((resolve, reject) => {
      const start = () => {
        signal.removeEventListener('abort', leave)
        resolve(this.#begin())
      }
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(start), 1)
        reject(aborted())
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.push(start)
    })
  }

  #begin(): Disposable {
    this.#isBusy = true
    let isOver = false
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        this.#isBusy = false
        this.#waiting.shift()?.()
      },
    }
  }
}

const aborted = () => new EngineError('ABORTED', 'input', 'The check was called off before its turn came.')
