import { Broadcast } from '#engine/base/broadcast.ts'
import { EngineError } from '#engine/base/errors.ts'
import type { Slot } from '../piece-disk.ts'

/** Smaller slots share this size: it is a block. */
const SMALLEST = 16 * 1024

/** The shared memory behind a slot. */
export interface SlotMemory {
  readonly id: number
  readonly memory: SharedArrayBuffer
}

/**
 * Shared memory for unverified pieces, hard-capped. Sizes are powers of two, so that what one torrent gives back fits
 * another; free memory of a size nobody asks for goes when the budget is needed.
 */
export class SlotPool {
  readonly budget: number
  readonly #onDropped: (id: number) => void
  readonly #free = new Map<number, SlotMemory[]>()
  readonly #used = new Map<number, SlotMemory>()
  readonly #room = new Broadcast<void>()
  #bytes = 0
  #nextId = 1
  #isStarved = false

  /** @param onDropped this memory is used no more: forget it wherever it is known */
  constructor(budget: number, onDropped: (id: number) => void) {
    this.budget = budget
    this.#onDropped = onDropped
  }

  /** Bytes in slots, used or free. */
  get bytes(): number {
    return this.#bytes
  }
  get usedCount(): number {
    return this.#used.size
  }

  acquire(length: number): Slot | undefined {
    const size = classOf(length)
    const memory = this.#free.get(size)?.pop() ?? this.#make(size)
    if (!memory) {
      this.#isStarved = true
      return undefined
    }
    this.#used.set(memory.id, memory)
    return { id: memory.id, bytes: new Uint8Array(memory.memory, 0, length) }
  }

  release(slot: Slot): void {
    const memory = this.#used.get(slot.id)
    if (!memory) throw new EngineError('INTERNAL', 'bug', `slot ${slot.id} was released twice`)
    this.#used.delete(slot.id)
    const size = memory.memory.byteLength
    const free = this.#free.get(size)
    if (free) free.push(memory)
    else this.#free.set(size, [memory])
    if (!this.#isStarved) return
    this.#isStarved = false
    this.#room.tell()
  }

  onRoom(listener: () => void): Disposable {
    return this.#room.listen(listener)
  }

  memoryOf(slot: Slot): SharedArrayBuffer {
    const memory = this.#used.get(slot.id)
    if (!memory) throw new EngineError('INTERNAL', 'bug', `slot ${slot.id} was used after its release`)
    return memory.memory
  }

  #make(size: number): SlotMemory | undefined {
    if (this.#bytes + size > this.budget) this.#dropFree(this.#bytes + size - this.budget)
    // One slot is always granted: a piece larger than the whole budget would otherwise wait for ever.
    if (this.#bytes + size > this.budget && this.#used.size > 0) return undefined
    this.#bytes += size
    return { id: this.#nextId++, memory: new SharedArrayBuffer(size) }
  }

  #dropFree(bytes: number): void {
    let left = bytes
    for (const [size, free] of this.#free) {
      while (left > 0 && free.length > 0) {
        this.#onDropped(free.pop()!.id)
        this.#bytes -= size
        left -= size
      }
    }
  }
}

function classOf(length: number): number {
  let size = SMALLEST
  while (size < length) size *= 2
  return size
}
