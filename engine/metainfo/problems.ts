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
