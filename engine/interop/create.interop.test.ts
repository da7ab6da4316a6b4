/** Torrents that we make are those that libtorrent would make, and other people's clients read them. */
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Child } from '#engine/testing/child.ts'
import { runCli } from '#engine/testing/cli-process.ts'
import { hasLibtorrent, PYTHON } from '#engine/testing/libtorrent.ts'
import { readTree, Workshop } from '#engine/testing/payload.ts'
import { realClients } from '#engine/testing/real-clients.ts'

const KiB = 1024
const workshop = new Workshop()
afterAll(() => workshop.close())

type Kind = 'v1' | 'v2' | 'hybrid'
const KINDS: readonly Kind[] = ['v1', 'v2', 'hybrid']

/** Noise that is the same in every run. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const NAMES = ['a', 'b', 'B', 'a.txt', 'zz', 'é', 'ab', '日本 語', '0', 'with space', 'a-b', '~']
const LENGTHS = [0, 1, 16 * KiB - 1, 16 * KiB, 16 * KiB + 1, 64 * KiB, 100_000, 300_001, 524_288, 1_234_567]

/** A folder of random files. @returns its path */
function randomTree(seed: number): string {
  const roll = dice(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(roll() * list.length)]!
  const top = join(workshop.folder(`tree-${seed}`), `tree ${seed}`)
  mkdirSync(top)
  writeFileSync(join(top, 'always'), Buffer.alloc(50_000, seed))
  for (let count = 1 + Math.floor(roll() * 12); count > 0; count--) {
    const path = join(top, ...Array.from({ length: 1 + Math.floor(roll() * 3) }, () => pick(NAMES)))
    try {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, Buffer.from(Array.from({ length: 999 }, () => Math.floor(roll() * 256))), { flag: 'wx' })
      writeFileSync(path, Buffer.alloc(pick(LENGTHS), readFileSync(path)))
      if (roll() < 0.3) chmodSync(path, 0o755)
    } catch {
      // A name that is a folder or a file already.
    }
  }
  return top
}

interface Made {
  readonly infohashV1: string | null
  readonly infohashV2: string | null
  readonly path: string
}

async function make(path: string, kind: Kind, pieceSize: number): Promise<Made> {
  const out = join(workshop.folder('out'), 'made.torrent')
  const { code, stdout, stderr } = await runCli(
    ...['create', path, '--out', out, '--kind', kind, '--piece-size', String(pieceSize), '--no-date', '--json'],
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout.split('\n').at(-1)!) as Made
}

function python(script: string, ...words: string[]): unknown {
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', script, ...words], { encoding: 'utf8' })
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/**
 * Files are handed to libtorrent in our order: its own, for v1, is that in which the disk lists them, and so another on every disk.
 * For v2 and hybrid it sorts by itself, and the order of ours makes no difference.
 */
const MAKE = `
import json, os, stat, sys
import libtorrent as lt
path, kind, piece = sys.argv[1], sys.argv[2], int(sys.argv[3])
top = os.path.dirname(path)
files = lt.file_storage()
if kind == 'v1' and os.path.isdir(path):
    found = [os.path.join(at, name) for at, _, names in os.walk(path) for name in names]
    for file in sorted(found, key=lambda file: os.fsencode(file).split(b'/')):
        flags = lt.file_flags_t.flag_executable if os.stat(file).st_mode & stat.S_IXUSR else 0
        files.add_file(os.path.relpath(file, top), os.path.getsize(file), flags)
else:
    lt.add_files(files, path)
flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[kind]
maker = lt.create_torrent(files, piece, flags)
lt.set_piece_hashes(maker, top)
hashes = lt.torrent_info(maker.generate()).info_hashes()
print(json.dumps({
    'infohashV1': str(hashes.v1) if hashes.has_v1() else None,
    'infohashV2': str(hashes.v2) if hashes.has_v2() else None,
}))
`
const READ = `
import json, sys
import libtorrent as lt
torrent = lt.torrent_info(sys.argv[1])
files = torrent.files()
real = [i for i in range(files.num_files()) if not files.file_flags(i) & lt.file_flags_t.flag_pad_file]
print(json.dumps([[files.file_path(i), files.file_size(i)] for i in real]))
`

const trees = [1, 2, 3, 4].map(seed => ({ name: `random tree ${seed}`, path: randomTree(seed) }))
const single = join(workshop.folder('single'), 'one file.bin')
writeFileSync(single, Buffer.alloc(777_777, 'freshet'))
const folderOfOne = join(workshop.folder('one'), 'folder of one')
mkdirSync(folderOfOne)
cpSync(single, join(folderOfOne, 'inside'))
const inputs = [...trees, { name: 'one file', path: single }, { name: 'a folder of one file', path: folderOfOne }]

describe.skipIf(!hasLibtorrent)('libtorrent makes and reads the same', () => {
  test.each(inputs)('$name', async ({ path }) => {
    for (const kind of KINDS) {
      for (const pieceSize of [16 * KiB, 64 * KiB]) {
        const { path: torrent, ...hashes } = await make(path, kind, pieceSize)
        expect({ kind, pieceSize, ...hashes }).toMatchObject({
          kind,
          pieceSize,
          ...(python(MAKE, path, kind, String(pieceSize)) as object),
        })
        expect(python(READ, torrent)).toContainEqual([expect.any(String), expect.any(Number)])
      }
    }
  })
})

/** Settles when a client that is not told what is there finds all of it. */
async function verify(name: string, torrent: string, folder: string): Promise<void> {
  if (name === 'aria2') {
    const alone = ['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--enable-peer-exchange=false']
    const words = [...alone, '--no-conf=true', '--check-integrity=true', '--seed-time=0', `--dir=${folder}`, torrent]
    const aria2 = new Child('/usr/bin/aria2c', words, { cwd: workshop.folder('client') })
    const timer = setTimeout(() => aria2.signal('SIGKILL'), 30_000)
    const ending = await aria2.ended
    clearTimeout(timer)
    if (ending !== 0) throw new Error(`aria2 ended with ${ending}: ${aria2.lines.slice(-10).join('\n')}`)
    return
  }
  const client = await realClients.find(known => known.name === name)!.start(workshop.folder('client'))
  try {
    // Transmission has to be told to look; libtorrent looks by itself.
    await client.add(torrent, folder, { isComplete: name === 'Transmission' })
    if (name !== 'Transmission') await client.finished(30_000)
  } finally {
    await client.close()
  }
}

// Not aria2 with hybrids: it knows no padding, and would want it as files.
const readers: [string, Kind][] = [
  ['libtorrent', 'v1'],
  ['libtorrent', 'v2'],
  ['libtorrent', 'hybrid'],
  ['Transmission', 'v1'],
  ['Transmission', 'hybrid'],
  ['aria2', 'v1'],
]

/** Transmission 3 refuses every hybrid, libtorrent's as well. */
const readsHybrids = (name: string): boolean => {
  if (name !== 'Transmission') return true
  const { stdout, stderr } = spawnSync('/usr/bin/transmission-daemon', ['--version'], { encoding: 'utf8' })
  return Number(/\d+/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[0] ?? 0) >= 4
}

describe.each(readers)('%s finds all that a %s torrent was made of', (name, kind) => {
  const canRead = kind !== 'hybrid' || readsHybrids(name)
  if (!canRead) console.info(`skipped: this ${name} knows no hybrid torrents`)
  test.skipIf(!canRead || !realClients.find(known => known.name === name)!.isInstalled)('a tree', async () => {
    const { path } = trees[0]!
    const before = readTree(path)
    const { path: torrent } = await make(path, kind, 16 * KiB)
    await verify(name, torrent, dirname(path))
    expect(readTree(path)).toEqual(before)
  })
})
