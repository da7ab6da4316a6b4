import { sameBytes } from '#engine/base/ids.ts'

/** Failed pieces whose blocks we remember at once; each costs 20 bytes a block. */
const REMEMBERED = 64
/** Failed pieces with blocks of a peer after which it goes even without proof, when it took part in nearly nothing else. */
const STRIKES = 3

interface Evidence {
  /** Address that sent each block, and the digest of what it sent. */
  readonly senders: readonly string[]
  readonly digests: readonly Uint8Array[]
}

/**
 * Finds who sent the bad block of a piece that failed its hash. The piece is fetched again; when it verifies, every
 * block that differs from the first time names its sender. A piece from a single sender needs no second look.
 */
export class Suspicion {
  readonly #failed = new Map<number, Evidence[]>()
  readonly #strikes = new Map<string, number>()
  readonly #good = new Map<string, number>()

  /** @returns addresses proven guilty: the only sender of a bad piece */
  pieceFailed(piece: number, senders: readonly string[], digests: readonly Uint8Array[]): string[] {
    const distinct = new Set(senders)
    if (distinct.size === 1) return [...distinct]
    const guilty: string[] = []
    for (const sender of distinct) {
      const strikes = (this.#strikes.get(sender) ?? 0) + 1
      this.#strikes.set(sender, strikes)
      // Whoever was in each of several bad pieces and in hardly a good one does not get to spoil more while we wait for proof.
      if (strikes >= STRIKES && strikes > (this.#good.get(sender) ?? 0) * 4) guilty.push(sender)
    }
    if (digests.length > 0) {
      const evidence = this.#failed.get(piece) ?? []
      evidence.push({ senders, digests })
      this.#failed.set(piece, evidence)
      if (this.#failed.size > REMEMBERED) this.#failed.delete(this.#failed.keys().next().value ?? -1)
    }
    return guilty
  }

  /** Whether `pieceVerified` wants the digests of this piece. */
  remembers(piece: number): boolean {
    return this.#failed.has(piece)
  }

  noteGood(senders: Iterable<string>): void {
    for (const sender of senders) this.#good.set(sender, (this.#good.get(sender) ?? 0) + 1)
  }

  /** @returns addresses proven guilty: they sent a block that differs from the good one */
  pieceVerified(piece: number, digests: readonly Uint8Array[]): string[] {
    const guilty = new Set<string>()
    for (const { senders, digests: bad } of this.#failed.get(piece) ?? []) {
      for (let block = 0; block < bad.length; block++) {
        if (!sameBytes(bad[block]!, digests[block]!)) guilty.add(senders[block]!)
      }
    }
    this.#failed.delete(piece)
    return [...guilty]
  }
}
