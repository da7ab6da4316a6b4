import type { Random } from '#engine/io/random.ts'

/** What the order of tiers needs to know of a tracker. */
export interface Ranked {
  /** Its last try failed and no later one has worked. */
  readonly isFailing: boolean
  /** It is being asked. */
  readonly isBusy: boolean
  /** When it may be asked next; Infinity is never. */
  dueAt(): number
}

/** A new array in random order (Fisher–Yates). */
export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random.next() * (at + 1))
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

/** The tracker of a tier to use: the first that is not failing, else the one being tried, else the one that may be tried first. */
function currentOf<T extends Ranked>(tier: readonly T[]): T | undefined {
  const found = tier.find(one => !one.isFailing) ?? tier.find(one => one.isBusy)
  if (found) return found
  let best: T | undefined
  for (const one of tier) if (!best || one.dueAt() < best.dueAt()) best = one
  return best
}

/**
 * Trackers in use, in order (BEP 12): tiers are walked from the top, and those whose trackers all fail are still
 * tried but do not count, so the next tier steps in for them.
 * @param most healthy tiers at a time: 1 keeps to BEP 12's letter
 * @param mostTried tiers at a time, failing ones included
 */
export function inUse<T extends Ranked>(tiers: readonly (readonly T[])[], most: number, mostTried: number): T[] {
  const chosen: T[] = []
  let healthy = 0
  for (const tier of tiers) {
    const one = currentOf(tier)
    if (!one) continue
    chosen.push(one)
    if ((!one.isFailing && ++healthy === most) || chosen.length === mostTried) break
  }
  return chosen
}

/** Success moves a tracker to the front of its tier (BEP 12). */
export function promote<T>(tier: T[], one: T): void {
  const at = tier.indexOf(one)
  if (at > 0) tier.unshift(...tier.splice(at, 1))
}
