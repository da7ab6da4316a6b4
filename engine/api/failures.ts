/**
 * What a face can show or act upon. `message` is a whole sentence for people: what happened, to what, what to do.
 * `code` is stable and machine-readable (the engine's ErrorCode).
 */
export interface ApiFailure {
  readonly code: string
  readonly message: string
  /** Byte offset in the input that was refused, where that means something. */
  readonly offset?: number
}

/** The same as a thrown value on the client's side. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: string
  readonly offset: number | undefined
  constructor(failure: ApiFailure) {
    super(failure.message)
    this.code = failure.code
    this.offset = failure.offset
  }
}
