import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Exit code, or the signal that ended it. */
export type Ending = number | NodeJS.Signals

/** A program under test: its output is kept, line by line, and it never outlives this process. */
export class Child {
  readonly lines: string[] = []
  stderr = ''
  readonly ended: Promise<Ending>
  ending: Ending | undefined
  readonly #process: ChildProcess
  readonly #name: string
  readonly #waiting = new Set<() => void>()
  #rest = ''

  constructor(program: string, words: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
    this.#name = [program, ...words].join(' ')
    const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'], ...options })
    this.#process = child
    running.add(child)
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (this.stderr += text))
    // Whoever is gone cannot be told; that it is gone is seen by its ending.
    child.stdin.on('error', () => undefined)
    this.ended = new Promise(settle => {
      child.once('error', error => void (this.stderr += error.message))
      child.once('close', (code, signal) => {
        running.delete(child)
        if (this.#rest !== '') this.lines.push(this.#rest)
        this.ending = code ?? signal ?? -1
        settle(this.ending)
        this.#wake()
      })
    })
  }

  write(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal)
  }
  async close(): Promise<void> {
    if (this.ending === undefined) this.signal('SIGKILL')
    await this.ended
  }

  /** Looked at after every line. @throws when the program ends first, or after `timeoutMs` */
  async until<T>(what: () => T | undefined, timeoutMs: number, wanted: string): Promise<T> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = what()
      if (found !== undefined) return found
      if (this.ending !== undefined) throw new Error(this.#story(`ended with ${this.ending} before ${wanted}`))
      if (Date.now() > deadline) throw new Error(this.#story(`no ${wanted} within ${timeoutMs} ms`))
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, deadline - Date.now() + 1)
        this.#waiting.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    this.lines.push(...lines)
    this.#wake()
  }
  #wake(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
  #story(problem: string): string {
    return [`${problem}: ${this.#name}`, ...this.lines.slice(-5), this.stderr.slice(-2000)].join('\n')
  }
}

/** A TCP port of 127.0.0.1 that nobody has at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
