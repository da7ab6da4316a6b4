/** Time as a port: the real one runs by itself, the simulated one when told. */
export interface Clock {
  /** Monotonic milliseconds since an arbitrary start: for intervals. Never jumps with the wall clock. */
  now(): number
  /** Milliseconds since 1970: for what people read and for what outlives the process. */
  wall(): number
  /** Calls `fn` once after `delayMs` (clamped to what timers can hold). Disposing it means it never runs. */
  after(delayMs: number, fn: () => void): Disposable
}
