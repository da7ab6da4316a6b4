import type { PortMapping } from '#engine/api/model.ts'
import type { Settings } from '#engine/api/settings.ts'
import type { Io } from '#engine/io/io.ts'
import { PortMapper } from '#engine/lan/port-mapper.ts'

export interface ReachParts {
  readonly io: Io
  readonly settings: () => Settings
  readonly listenPort: () => number
  /** 0 while there is no DHT node. */
  readonly nodePort: () => number
  /** One address only: then nobody else's router is asked for anything. */
  readonly isBound: boolean
}

/** Asks the router to let peers in, while the user wants that and we listen. */
export class Reach {
  readonly #parts: ReachParts
  readonly #mapper: PortMapper
  #isOn = false

  constructor(parts: ReachParts) {
    this.#parts = parts
    this.#mapper = new PortMapper(parts.io)
  }

  get status(): PortMapping {
    const { kind, text, externalPort } = this.#mapper.status
    return { kind, text, externalPort: externalPort ?? null }
  }

  /** The port that others dial: the router's, when it gave another one. */
  get publicPort(): number {
    return this.#mapper.status.externalPort ?? this.#parts.listenPort()
  }

  async reconfigure(): Promise<void> {
    const { settings, listenPort, nodePort, isBound } = this.#parts
    const isWanted = settings().portMapping && listenPort() > 0 && !isBound
    this.#mapper.map(listenPort() || undefined, nodePort() || undefined)
    if (isWanted === this.#isOn) return
    this.#isOn = isWanted
    if (isWanted) this.#mapper.start()
    else await this.#mapper.stop()
  }

  tick(now: number): void {
    if (!this.#isOn) return
    const { listenPort, nodePort } = this.#parts
    this.#mapper.map(listenPort() || undefined, nodePort() || undefined)
    this.#mapper.tick(now)
  }

  async end(): Promise<void> {
    this.#isOn = false
    await this.#mapper.stop()
  }
}
