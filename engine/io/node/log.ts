import type { Log, LogLevel } from '../log.ts'

const LINES = 2000
const LINE_CHARS = 2000

export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly level: LogLevel
  readonly area: string
  readonly text: string
}

/** Keeps the last 2,000 lines for whoever looks later, and hands each one on. */
export class RingLog implements Log {
  readonly #sink: ((line: LogLine) => void) | undefined
  readonly #ring: LogLine[] = []
  #next = 0

  constructor(sink?: (line: LogLine) => void) {
    this.#sink = sink
  }

  write(level: LogLevel, area: string, text: string): void {
    // Strangers' words end up here: a line break of theirs must not look like a line of ours.
    const line = { at: Date.now(), level, area, text: oneLine(text) }
    if (this.#ring.length < LINES) this.#ring.push(line)
    else this.#ring[this.#next] = line
    this.#next = (this.#next + 1) % LINES
    this.#sink?.(line)
  }

  /** Oldest first. */
  lines(): readonly LogLine[] {
    const isFull = this.#ring.length === LINES
    return isFull ? [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)] : [...this.#ring]
  }
}

const oneLine = (text: string) => text.slice(0, LINE_CHARS).replace(/\p{Cc}+/gu, ' ')
