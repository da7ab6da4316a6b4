import { randomFillSync } from 'node:crypto'
import type { Random } from '../random.ts'

export const nodeRandom: Random = {
  next: () => Math.random(),
  bytes: length => randomFillSync(new Uint8Array(length)),
}
