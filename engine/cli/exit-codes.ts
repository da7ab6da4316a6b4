import { ApiError } from '#engine/api/failures.ts'
import { EngineError } from '#engine/base/errors.ts'

/** What the shell is told. Stable. */
export const EXIT = { ok: 0, failed: 1, badInput: 2, usage: 64, interrupted: 130 } as const

/** The command line itself is wrong: which word, and how it should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What was given to read is not what it should be: one line, with the code and the byte where it stopped making sense. */
export class InputError extends Error {
  override readonly name = 'InputError'
}

const INPUT_CODES: ReadonlySet<string> = new Set([
  'BENCODE_SYNTAX',
  'BENCODE_LIMIT',
  'METAINFO_INVALID',
  'METAINFO_LIMIT',
  'MAGNET_INVALID',
  'SOURCE_UNRECOGNISED',
])

/** One line for stderr, and the code to leave with. */
export function explain(thrown: unknown): { line: string; code: number } {
  if (thrown instanceof UsageError) return { line: thrown.message, code: EXIT.usage }
  if (thrown instanceof InputError) return { line: thrown.message, code: EXIT.badInput }
  if (thrown instanceof ApiError || thrown instanceof EngineError) {
    const isInput = INPUT_CODES.has(thrown.code)
    const isPlaced = thrown.offset === undefined || thrown.message.includes(`byte ${thrown.offset}`)
    const where = isPlaced ? '' : ` at byte ${thrown.offset}`
    return { line: `${thrown.code}${where}: ${thrown.message}`, code: isInput ? EXIT.badInput : EXIT.failed }
  }
  return { line: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown), code: EXIT.failed }
}
