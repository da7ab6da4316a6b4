import type { ApiFailure } from './failures.ts'
import type { CommandName } from './commands.ts'
import type { Frame, Watch } from './frame.ts'

/** Changes whenever an older client would misread us. */
export const API_VERSION = 1

/** From a face to the engine. */
export type Upward =
  | { readonly type: 'hello'; readonly version: number }
  | { readonly type: 'call'; readonly call: number; readonly command: CommandName; readonly input: unknown }
  | { readonly type: 'watch'; readonly watch: Watch }
  | { readonly type: 'ack'; readonly seq: number }

/** From the engine to a face. */
export type Downward =
  /** `epoch` is new with every engine process: an unknown one means that nothing remembered is worth anything. */
  | { readonly type: 'hello'; readonly version: number; readonly epoch: string; readonly appVersion: string }
  | { readonly type: 'result'; readonly call: number; readonly output: unknown }
  | { readonly type: 'failure'; readonly call: number; readonly failure: ApiFailure }
  | { readonly type: 'frame'; readonly frame: Frame }
