import { resolve } from 'node:path'
import { parseArguments } from './args.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { Face } from './face.ts'
import { bytes, plain } from './format.ts'
import { interrupted } from './interrupt.ts'
import { Output } from './output.ts'
import { readSource } from './source.ts'

/** Nobody is asked anything. */
const ALONE = { dht: false, lsd: false, pex: false }

/** `freshet check`: hashes what lies in a folder; nothing is written, nothing is connected to. */
export async function check(words: readonly string[]): Promise<number> {
  const args = parseArguments(words, { data: { type: 'string' }, json: { type: 'boolean' } }, 1)
  const data = args.text('data')
  if (data === undefined) throw new UsageError('Where is the data? Name its folder with --data DIR.')
  const source = await readSource(args.positionals[0]!)
  const savePath = resolve(data)
  const output = new Output(args.flag('json'))
  const face = await Face.open({
    stateDir: undefined,
    downloadFolder: savePath,
    port: 0,
    useTrackers: false,
    settings: ALONE,
  })
  const stop = interrupted()
  try {
    const checking = (async (): Promise<number> => {
      const { id } = await face.client.call('torrents.add', { source, savePath, start: false })
      await face.client.call('torrents.recheck', { ids: [id] })
      const before = face.rows.get(id)
      const timer = setInterval(() => {
        const row = face.rows.get(id)
        const stats = face.stats.get(id)
        if (row?.status === 'checking' && stats) output.progress(row, stats)
      }, 250)
      // A small torrent is checked between two frames: any row after the answer tells, whether it shows the check or its end.
      await face.until(() => {
        const row = face.rows.get(id)
        return row !== undefined && row !== before && row.status !== 'checking' && row.status !== 'check-queued'
      })
      clearInterval(timer)
      const row = face.rows.get(id)!
      if (row.status === 'error') {
        output.warn(`${row.error?.code}: ${row.error?.message}`)
        return EXIT.failed
      }
      // Asked for after the check: what was told before it would count as well.
      face.watchDetail(id, ['files'])
      await face.until(() => face.fileList.length > 0 && face.fileStats.size >= face.fileList.length)
      return report(face, output)
    })()
    return await Promise.race([checking, stop])
  } finally {
    await face.close()
  }
}

function report(face: Face, output: Output): number {
  const missing = face.fileList.filter(file => (face.fileStats.get(file.index)?.[1] ?? 0) < file.length)
  const done = face.fileList.reduce((sum, file) => sum + (face.fileStats.get(file.index)?.[1] ?? 0), 0)
  const total = face.fileList.reduce((sum, file) => sum + file.length, 0)
  for (const file of missing) {
    const verified = face.fileStats.get(file.index)?.[1] ?? 0
    output.event({ event: 'incomplete', path: file.path, length: file.length, verified })
    output.say(`incomplete: ${plain(file.path)} (${bytes(verified)} of ${bytes(file.length)} verified)`)
  }
  output.event({
    event: 'done',
    complete: missing.length === 0,
    files: face.fileList.length,
    incomplete: missing.length,
    verified: done,
    total,
  })
  output.say(
    missing.length === 0
      ? `Complete: ${face.fileList.length} files, ${bytes(total)}`
      : `${missing.length} of ${face.fileList.length} files are not complete; ${bytes(done)} of ${bytes(total)} verified`,
  )
  return missing.length === 0 ? EXIT.ok : EXIT.failed
}
