import type { CommandName, Input, Output } from '#engine/api/commands.ts'

/** What a face part may ask of the engine. Rejects with `ApiError`, whose message is a sentence for people. */
export interface EngineCalls {
  call<C extends CommandName>(command: C, input: Input<C>): Promise<Output<C>>
}
