import type { TorrentSource } from '#engine/api/commands.ts'
import { EngineError } from '#engine/base/errors.ts'
import { nodeHashes } from '#engine/io/node/hashes.ts'
import { parseMagnet } from '#engine/metainfo/magnet.ts'
import { parseMetainfo } from '#engine/metainfo/metainfo.ts'
import { inspectMagnet, inspectView, type InspectView } from '#engine/metainfo/view.ts'

export type { InspectView }

/**
 * What a source says of itself, without an engine.
 * @throws EngineError for bad input; UNSUPPORTED for an address, which has to be fetched first
 */
export function inspectSource(source: TorrentSource): InspectView {
  switch (source.kind) {
    case 'bytes':
      return inspectView(parseMetainfo(source.bytes, nodeHashes))
    case 'magnet':
      return inspectMagnet(parseMagnet(source.uri))
    case 'url':
      throw new EngineError('UNSUPPORTED', 'input', 'An address has to be fetched first.')
  }
}
