import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { runHeadless } from '#engine/host/headless.ts'
import { parseArguments, portOf } from './args.ts'

/** `freshet headless`: the engine and the window's page on a loopback address, until interrupted. */
export async function headless(words: readonly string[]): Promise<number> {
  const args = parseArguments(
    words,
    {
      port: { type: 'string' },
      'data-dir': { type: 'string' },
      'download-dir': { type: 'string' },
      token: { type: 'string' },
    },
    0,
  )
  const dataDir = args.text('data-dir')
  const downloadDir = args.text('download-dir')
  const token = args.text('token')
  return runHeadless({
    port: portOf(args.text('port'), 0),
    ...(dataDir === undefined ? {} : { dataDir: resolve(dataDir) }),
    downloadDir: resolve(downloadDir ?? join(homedir(), 'Downloads')),
    ...(token === undefined ? {} : { token }),
  })
}
