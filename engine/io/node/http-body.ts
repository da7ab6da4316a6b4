import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { concat } from '#engine/base/bytes.ts'
import { EngineError } from '#engine/base/errors.ts'
import { reasonOf } from './net-error.ts'

/**
 * The decoded body of an answer. Both what arrives and what it inflates to are counted as they come, so that a small
 * answer cannot become large memory.
 * @throws EngineError HTTP_TOO_LARGE, HTTP_FAILED
 */
export function readBody(response: IncomingMessage, maxBytes: number, onProgress: () => void): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = []
    let raw = 0
    let decoded = 0
    let decoder: Transform | undefined
    const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase()

    const fail = (error: EngineError) => {
      reject(error)
      response.destroy()
      decoder?.destroy()
    }
    const tooLarge = () =>
      fail(new EngineError('HTTP_TOO_LARGE', 'network', `The answer is larger than ${maxBytes} bytes`))
    const broken = (thrown: unknown) =>
      fail(new EngineError('HTTP_FAILED', 'network', `The answer broke off: ${reasonOf(thrown)}`, { cause: thrown }))
    const keep = (bytes: Uint8Array) => {
      decoded += bytes.length
      if (decoded > maxBytes) tooLarge()
      else parts.push(bytes)
    }
    const finish = () => {
      if (response.complete) resolve(concat(parts))
      else broken(new Error('not all of it came'))
    }
    const decode = (first: Uint8Array) => {
      decoder = decoderFor(encoding, first)
      if (!decoder) {
        fail(
          new EngineError(
            'HTTP_FAILED',
            'network',
            `The answer is encoded as ${encoding.slice(0, 40)}: not understood`,
          ),
        )
        return
      }
      decoder.on('data', keep)
      decoder.on('error', broken)
      decoder.on('end', finish)
      decoder.on('drain', () => response.resume())
    }

    const announced = Number(response.headers['content-length'])
    if (announced > maxBytes) {
      tooLarge()
      return
    }
    response.on('error', broken)
    response.on('aborted', () => broken(new Error('not all of it came')))
    response.on('data', (bytes: Uint8Array) => {
      onProgress()
      raw += bytes.length
      if (raw > maxBytes) {
        tooLarge()
        return
      }
      if (encoding === 'identity') {
        keep(bytes)
        return
      }
      if (!decoder) decode(bytes)
      if (decoder?.write(bytes) === false) response.pause()
    })
    response.on('end', () => {
      if (decoder) decoder.end()
      else finish()
    })
  })
}

/** The decoder of a `Content-Encoding`; a body that ends too early yields what there is, as in browsers. */
function decoderFor(encoding: string, first: Uint8Array): Transform | undefined {
  const options = { finishFlush: constants.Z_SYNC_FLUSH }
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip(options)
    case 'deflate':
      // Meant is the zlib format (RFC 1950), whose first byte names method 8; many servers send it raw.
      return (first[0]! & 0x0f) === 8 ? createInflate(options) : createInflateRaw(options)
    case 'br':
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH })
    default:
      return undefined
  }
}
