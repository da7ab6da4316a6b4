import { z } from 'zod'
import type { CommandName, Input } from '#engine/api/commands.ts'
import type { Upward } from '#engine/api/messages.ts'
import { SETTING_RULES } from '#engine/api/settings.ts'
import { EngineError } from '#engine/base/errors.ts'
import { LIMITS } from '#engine/base/limits.ts'

/** Nothing from a transport is trusted: one schema per command. */

const id = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'not the id of a torrent')
const ids = z.array(id).max(100_000)
const path = z.string().min(1).max(4096)
const rate = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40)
const fileIndex = z.number().int().min(0).max(LIMITS.metainfo.files)
const priority = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])
const tiers = z.array(z.array(z.string().max(4096)).max(LIMITS.metainfo.trackers)).max(LIMITS.metainfo.trackers)
const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bytes'), bytes: z.instanceof(Uint8Array) }),
  z.object({ kind: z.literal('magnet'), uri: z.string().max(LIMITS.magnet.chars) }),
  z.object({ kind: z.literal('url'), url: z.string().max(8192) }),
])
const settingKeys = Object.keys(SETTING_RULES) as [string, ...string[]]

const schemas: { readonly [C in CommandName]: z.ZodType } = {
  'torrents.inspect': z.object({ source }),
  'torrents.add': z.object({
    source,
    savePath: path.optional(),
    start: z.boolean().optional(),
    priorities: z
      .array(z.tuple([fileIndex, priority]))
      .max(LIMITS.metainfo.files)
      .optional(),
    sequential: z.boolean().optional(),
    stopAfterMetadata: z.boolean().optional(),
    skipCheck: z.boolean().optional(),
  }),
  'torrents.resume': z.object({ ids }),
  'torrents.pause': z.object({ ids }),
  'torrents.remove': z.object({ ids, data: z.enum(['keep', 'delete']) }),
  'torrents.recheck': z.object({ ids }),
  'torrents.cancelCheck': z.object({ ids }),
  'torrents.announce': z.object({ ids }),
  'torrents.moveInQueue': z.object({ ids, to: z.enum(['top', 'up', 'down', 'bottom']) }),
  'torrents.setLimits': z.object({ ids, down: rate.optional(), up: rate.optional() }),
  'torrents.setSequential': z.object({ ids, sequential: z.boolean() }),
  'torrent.setFilePriorities': z.object({ id, files: z.array(fileIndex).max(LIMITS.metainfo.files), priority }),
  'torrent.setTrackers': z.object({ id, tiers }),
  'torrent.getTrackers': z.object({ id }),
  'torrent.addPeers': z.object({ id, peers: z.array(z.string().max(64)).max(1000) }),
  'torrent.pieceInfo': z.object({ id, piece: z.number().int().min(0).max(LIMITS.metainfo.pieces) }),
  'torrent.export': z.object({ id }),
  // Names only: what each value may be is the session's own rule, and its refusal a sentence.
  'settings.update': z.object({ changes: z.partialRecord(z.enum(settingKeys), z.unknown()) }),
  'folders.info': z.object({ path }),
  'folders.list': z.object({ path }),
}

/** @throws EngineError INVALID_INPUT naming the field */
export function parseInput<C extends CommandName>(command: C, input: unknown): Input<C> {
  const parsed = schemas[command].safeParse(input)
  if (parsed.success) return parsed.data as Input<C>
  const issue = parsed.error.issues[0]
  throw new EngineError(
    'INVALID_INPUT',
    'input',
    `${command} was asked wrongly: ${issue?.path.join('.') ?? 'input'}: ${issue?.message ?? ''}`,
  )
}

const part = z.enum(['overview', 'files', 'peers', 'trackers', 'pieces'])
const upward = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), version: z.number() }),
  z.object({
    type: z.literal('call'),
    call: z.number().int(),
    command: z.enum(Object.keys(schemas) as [CommandName, ...CommandName[]]),
    input: z.unknown(),
  }),
  z.object({
    type: z.literal('watch'),
    watch: z.object({
      listHz: z.number().min(0).max(4),
      detail: z.object({ id, parts: z.array(part).max(5) }).nullable(),
    }),
  }),
  z.object({ type: z.literal('ack'), seq: z.number().int().min(0) }),
])

/** `undefined` for what is no message of ours. */
export function parseUpward(raw: unknown): Upward | undefined {
  const parsed = upward.safeParse(raw)
  return parsed.success ? parsed.data : undefined
}
