import { LIMITS } from '#engine/base/limits.ts'
import type { Clock } from '../clock.ts'

export const nodeClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, Math.min(Math.max(delayMs, 0), LIMITS.timerMs))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
