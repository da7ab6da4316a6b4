const KIB = 1024
const STRETCH_MIN = 256 * KIB
const STRETCH_MAX = 1024 * KIB
/** So many stretches should fit: peers read at different places, and one that is dropped before its next block is read twice. */
const STRETCHES = 32
/** Keys are store * 2^32 + stretch: both stay exact in one number. */
const STORE = 2 ** 32

/**
 * What was read for upload, in stretches of 256 KiB to 1 MiB, shared by all torrents and peers and bounded by bytes.
 * A stretch that several want at once is read once. What is handed out stays valid after it was dropped: it is never
 * written to again.
 */
export class ReadCache {
  /** Least recently used first. */
  readonly #stretches = new Map<number, Uint8Array>()
  readonly #reading = new Map<number, Promise<Uint8Array>>()
  #budget: number
  #bytes = 0
  #stores = 0

  /** @param budgetBytes most bytes kept */
  constructor(budgetBytes: number) {
    this.#budget = budgetBytes
  }

  setBudget(bytes: number): void {
    const before = this.stretchLength
    this.#budget = bytes
    // Numbers of stretches mean other bytes when their length changes.
    if (this.stretchLength === before) this.#shrink()
    else this.#clear()
  }

  /** Bytes of a stretch, as the budget allows. */
  get stretchLength(): number {
    let length = STRETCH_MAX
    while (length > STRETCH_MIN && length * STRETCHES > this.#budget) length /= 2
    return length
  }
  get bytes(): number {
    return this.#bytes
  }

  /** A number for one more store: half of each key. */
  enrol(): number {
    return this.#stores++
  }

  find(store: number, stretch: number): Uint8Array | undefined {
    const key = store * STORE + stretch
    const bytes = this.#stretches.get(key)
    if (!bytes) return undefined
    this.#stretches.delete(key)
    this.#stretches.set(key, bytes)
    return bytes
  }

  /** The stretch, by `read` if nobody is reading it already. A failure is told to all who wait and not kept. */
  load(store: number, stretch: number, read: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const key = store * STORE + stretch
    const under = this.#reading.get(key)
    if (under) return under
    const reading = read()
    this.#reading.set(key, reading)
    reading.then(
      bytes => {
        // Forgotten meanwhile: those who asked before get it, nobody else.
        if (this.#reading.get(key) !== reading) return
        this.#reading.delete(key)
        this.#stretches.set(key, bytes)
        this.#bytes += bytes.length
        this.#shrink()
      },
      () => {
        if (this.#reading.get(key) === reading) this.#reading.delete(key)
      },
    )
    return reading
  }

  /** The bytes of this stretch on disk are others now. */
  forget(store: number, stretch: number): void {
    this.#remove(store * STORE + stretch)
  }

  /** Everything of one store. */
  drop(store: number): void {
    const isOurs = (key: number) => Math.floor(key / STORE) === store
    for (const key of [...this.#stretches.keys(), ...this.#reading.keys()]) if (isOurs(key)) this.#remove(key)
  }

  #remove(key: number): void {
    this.#reading.delete(key)
    this.#bytes -= this.#stretches.get(key)?.length ?? 0
    this.#stretches.delete(key)
  }

  #shrink(): void {
    for (const key of this.#stretches.keys()) {
      if (this.#bytes <= this.#budget) return
      this.#remove(key)
    }
  }

  #clear(): void {
    this.#stretches.clear()
    this.#reading.clear()
    this.#bytes = 0
  }
}
