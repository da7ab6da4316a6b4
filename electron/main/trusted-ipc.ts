import { ipcMain, type WebFrameMain } from 'electron'
import type { z } from 'zod'
import { isAppUrl } from './app-protocol.ts'

/** The only door between page and main: every channel goes through one of these two, and nobody else touches `ipcMain`. */

/** Answers `channel`. The caller gets a rejection when it is not our page, or when its input has another shape. */
export function handle<Schema extends z.ZodType, Output>(
  channel: string,
  schema: Schema,
  handler: (input: z.output<Schema>) => Output | Promise<Output>,
): void {
  ipcMain.handle(channel, (event, input: unknown) => {
    if (!isOurPage(event.senderFrame)) throw new Error(`${channel}: not for this sender`)
    return handler(parse(channel, schema, input))
  })
}

/** Takes messages of `channel` that want no answer. Others' messages and other shapes are dropped. */
export function receive<Schema extends z.ZodType>(
  channel: string,
  schema: Schema,
  handler: (input: z.output<Schema>, frame: WebFrameMain) => void,
): void {
  ipcMain.on(channel, (event, input: unknown) => {
    if (!isOurPage(event.senderFrame)) return
    const parsed = schema.safeParse(input)
    if (parsed.success) handler(parsed.data, event.senderFrame)
  })
}

function parse<Schema extends z.ZodType>(channel: string, schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input)
  // What was wrong stays here: a page that sends such a thing is not one that should learn more.
  if (!parsed.success) throw new Error(`${channel}: input of another shape`)
  return parsed.data
}

/** The top frame of a page of ours. A frame that is gone has no address and is nobody's. */
function isOurPage(frame: WebFrameMain | null): frame is WebFrameMain {
  return frame !== null && frame.parent === null && isAppUrl(frame.url)
}
