import { EngineError } from '#engine/base/errors.ts'

/** A torrent that cannot be used, said so that a person knows which part of it is to blame. */
export const invalid = (what: string, offset?: number): EngineError =>
  new EngineError(
    'METAINFO_INVALID',
    'input',
    `This is not a usable torrent: ${what}. Get it again, or from elsewhere.`,
    {
      offset,
    },
  )

/** A torrent larger than anything that we take. */
export const tooLarge = (what: string): EngineError =>
  new EngineError('METAINFO_LIMIT', 'input', `This torrent is too large: ${what}.`)

/** What is wrong with a whole is wrong where it begins: a refusal without a place gets `offset`. */
export function located<T>(offset: number, parse: () => T): T {
  try {
    return parse()
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.offset !== undefined) throw thrown
    throw new EngineError(thrown.code, thrown.blame, thrown.message, { cause: thrown, offset })
  }
}
