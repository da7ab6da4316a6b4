import type { StatsRow, TorrentRow } from '#engine/api/model.ts'
import { progressLine } from './progress-line.ts'

/** Where a verb says how it goes: JSON lines, or one line that is drawn again on a terminal, or nothing but results. */
export class Output {
  readonly #isJson: boolean
  readonly #isTerminal = process.stdout.isTTY
  #hasLine = false

  constructor(isJson: boolean) {
    this.#isJson = isJson
  }

  get isJson(): boolean {
    return this.#isJson
  }

  event(event: Readonly<Record<string, unknown>> & { readonly event: string }): void {
    if (this.#isJson) process.stdout.write(`${JSON.stringify(event)}\n`)
  }

  progress(row: TorrentRow, stats: StatsRow): void {
    if (this.#isJson) {
      const [, progress, pending, down, up, peers, , seeds, , eta, left, downloaded, uploaded] = stats
      const { status, reason, name } = row
      this.event({
        event: 'progress',
        name,
        status,
        reason,
        progress,
        pending,
        down,
        up,
        peers,
        seeds,
        eta,
        left,
        downloaded,
        uploaded,
      })
    } else this.draw(columns => progressLine(row, stats, columns))
  }

  /** A line that the next one takes the place of. Only on a terminal, and not with `--json`. */
  draw(line: (columns: number) => string): void {
    if (this.#isJson || !this.#isTerminal) return
    process.stdout.write(`\r\u001b[2K${line(process.stdout.columns ?? 80)}`)
    this.#hasLine = true
  }

  /** A line that stays. Not with `--json`. */
  say(text: string): void {
    if (this.#isJson) return
    process.stdout.write(`${this.#hasLine ? '\r\u001b[2K' : ''}${text}\n`)
    this.#hasLine = false
  }

  /** To stderr, in every mode. */
  warn(text: string): void {
    if (this.#hasLine) process.stdout.write('\n')
    this.#hasLine = false
    process.stderr.write(`${text}\n`)
  }
}
