import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { Bitfield } from '#engine/base/bitfield.ts'
import { infoHash } from '#engine/base/ids.ts'
import { createNodeIo } from '#engine/io/node/node-io.ts'
import type { FileAttributes, Metainfo } from '#engine/metainfo/types.ts'
import { FileSpans } from '#engine/pieces/file-spans.ts'
import { Geometry } from '#engine/pieces/geometry.ts'
import { ReadCache } from './read-cache.ts'
import { TorrentStore } from './store.ts'

const KIB = 1024
const PLAIN: FileAttributes = { padding: false, executable: false, hidden: false, symlink: false }
const PART = '.freshet-0123456789abcdef.parts'
const endings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface File {
  readonly path: string
  readonly length: number
  readonly padding?: boolean
  readonly symlink?: boolean
}

const pad = (length: number): File => ({ path: `.pad/${length}`, length, padding: true })

/** A torrent of these files with bytes that never repeat; `bytes` is its whole space. */
function torrentOf(files: readonly File[], pieceLength: number): { metainfo: Metainfo; bytes: Uint8Array } {
  const spaceLength = files.reduce((sum, { length }) => sum + length, 0)
  const bytes = Uint8Array.from({ length: spaceLength }, (_, at) => (at * 167 + (at >> 8) * 13 + (at >> 16)) & 255)
  const offsets = new Float64Array(files.length)
  let at = 0
  files.forEach((file, index) => {
    offsets[index] = at
    if (file.padding) bytes.fill(0, at, at + file.length)
    at += file.length
  })
  const pieceCount = Math.ceil(spaceLength / pieceLength)
  const pieceHashes = new Uint8Array(pieceCount * 20)
  for (let piece = 0; piece < pieceCount; piece++) {
    const part = bytes.subarray(piece * pieceLength, (piece + 1) * pieceLength)
    pieceHashes.set(createHash('sha1').update(part).digest(), piece * 20)
  }
  const metainfo: Metainfo = {
    kind: 'v1',
    infoHashV1: infoHash(Uint8Array.from([1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, ...Array<number>(12).fill(0)])),
    infoHashV2: null,
    name: 't',
    topFolder: files.length > 1 ? 't' : '',
    pieceLength,
    pieceCount,
    spaceLength,
    totalSize: spaceLength,
    pieceHashes,
    files: {
      count: files.length,
      lengths: Float64Array.from(files, file => file.length),
      offsets,
      path: index => (files.length > 1 ? `t/${files[index]!.path}` : files[index]!.path),
      attributes: index => ({
        ...PLAIN,
        padding: files[index]!.padding === true,
        symlink: files[index]!.symlink === true,
      }),
      piecesRoot: () => undefined,
    },
    trackers: [],
    webSeeds: [],
    nodes: [],
    private: false,
    comment: '',
    createdBy: '',
    creationDate: null,
    infoBytes: new Uint8Array(0),
    pieceLayers: new Map(),
    warnings: [],
  }
  return { metainfo, bytes }
}

async function world(files: readonly File[], pieceLength: number) {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-store-'))
  const io = createNodeIo({ cacheMiB: 16 })
  endings.push(async () => {
    await io.close()
    await rm(folder, { recursive: true, force: true })
  })
  const { metainfo, bytes } = torrentOf(files, pieceLength)
  const geometry = Geometry.of(metainfo)
  const have = new Bitfield(geometry.pieceCount)

  function open(options: { inPartFile?: Uint8Array; root?: string; mayCreateRoot?: boolean } = {}) {
    return new TorrentStore({
      disk: io.disk,
      metainfo,
      geometry,
      spans: new FileSpans(metainfo.files, geometry),
      savePath: options.root ?? folder,
      mayCreateRoot: options.mayCreateRoot ?? true,
      inPartFile: options.inPartFile ?? null,
      readCache: new ReadCache(16 * 1024 * KIB),
    })
  }
  async function write(store: TorrentStore, piece: number): Promise<string> {
    for (let run = 0; run < geometry.runCount(piece); run++) {
      const begin = piece * pieceLength + run * geometry.runLength
      const slot = io.disk.acquire(geometry.runSize(piece, run))!
      slot.bytes.set(bytes.subarray(begin, begin + slot.bytes.length))
      try {
        if (geometry.runCount(piece) > 1) await store.writeRun(piece, run, slot)
        else if ((await store.verifyAndWrite(piece, slot)) === 'mismatch') return 'mismatch'
      } finally {
        io.disk.release(slot)
      }
    }
    if (geometry.runCount(piece) > 1 && (await store.verify(piece)) === 'mismatch') return 'mismatch'
    have.set(piece)
    return 'ok'
  }
  async function writeAll(store: TorrentStore): Promise<void> {
    for (let piece = 0; piece < geometry.pieceCount; piece++) expect(await write(store, piece)).toBe('ok')
  }
  /** Pieces that the disk says are good. */
  async function checked(store: TorrentStore): Promise<number[]> {
    const good: number[] = []
    const onResult = (results: readonly { piece: number; ok: boolean }[]) => {
      for (const { piece, ok } of results) if (ok) good.push(piece)
    }
    await store.check('all', onResult, new AbortController().signal)
    return good.sort((a, b) => a - b)
  }
  const expected = (file: number) => {
    const from = metainfo.files.offsets[file]!
    return Buffer.from(bytes.subarray(from, from + metainfo.files.lengths[file]!))
  }
  const onDisk = (file: number) => readFileSync(join(folder, metainfo.files.path(file)))
  const exists = (file: number) => existsSync(join(folder, metainfo.files.path(file)))
  return { folder, io, metainfo, geometry, bytes, have, open, write, writeAll, checked, expected, onDisk, exists }
}

const ODD: readonly File[] = [
  { path: 'a/one', length: 50_001 },
  { path: 'empty', length: 0 },
  { path: 'b/two', length: 3 },
  { path: 'b/c/three', length: 99_997 },
  pad(12_345),
  { path: 'link', length: 0, symlink: true },
  { path: 'four', length: 16 * KIB },
  { path: 'five', length: 40_000 },
]
const REAL = [0, 2, 3, 6, 7]

test('files are the pieces laid end to end, padding and links left out', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  await w.writeAll(store)
  await store.createEmptyFiles(ODD.map(() => false))
  await store.sync()
  for (const file of REAL) expect(w.onDisk(file).equals(w.expected(file))).toBe(true)
  expect((await readdir(join(w.folder, 't'))).sort()).toEqual(['a', 'b', 'empty', 'five', 'four'])
  expect(await w.checked(store)).toEqual([...Array(w.geometry.pieceCount).keys()])
  await store.close()
})

test('any stretch of any piece is read back, first as a promise and then at once', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  await w.writeAll(store)
  for (let piece = 0; piece < w.geometry.pieceCount; piece++) {
    const size = w.geometry.pieceSize(piece)
    for (const [begin, length] of [
      [0, size],
      [1, size - 1],
      [size - 7, 7],
      [size >> 1, 5],
    ] as const) {
      const at = piece * 32 * KIB + begin
      const read = store.read(piece, begin, length)
      expect(read instanceof Uint8Array).toBe(begin > 0)
      expect(Buffer.compare(await read, w.bytes.subarray(at, at + length))).toBe(0)
    }
  }
  await store.close()
})

test('a read across stretches of a large piece is put together', async () => {
  const w = await world([{ path: 'big', length: 9 * 1024 * KIB + 5 }], 8 * 1024 * KIB)
  const store = w.open()
  await w.writeAll(store)
  const begin = 512 * KIB - 100
  const read = await store.read(0, begin, 600 * KIB)
  expect(Buffer.compare(read, w.bytes.subarray(begin, begin + 600 * KIB))).toBe(0)
  expect(w.onDisk(0).equals(w.expected(0))).toBe(true)
  await store.close()
})

test('a large piece with one wrong run is a mismatch', async () => {
  const w = await world([{ path: 'big', length: 8 * 1024 * KIB }], 8 * 1024 * KIB)
  const store = w.open()
  w.bytes[5_000_000]! ^= 1
  expect(await w.write(store, 0)).toBe('mismatch')
  w.bytes[5_000_000]! ^= 1
  expect(await w.write(store, 0)).toBe('ok')
  await store.close()
})

test('what was read before a piece was repaired is not served afterwards', async () => {
  const w = await world([{ path: 'one', length: 64 * KIB }], 64 * KIB)
  const store = w.open()
  await w.writeAll(store)
  writeFileSync(join(w.folder, 'one'), Buffer.alloc(64 * KIB))
  expect((await store.read(0, 0, 10)).every(byte => byte === 0)).toBe(true)
  expect(await w.write(store, 0)).toBe('ok')
  expect(await store.read(0, 0, 10)).toEqual(w.bytes.subarray(0, 10))
  await store.close()
})

test('skipped files are not created: their bytes of shared pieces live in the part file and can be read', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  const skipped = ODD.map((_, file) => file === 0 || file === 3)
  await store.setSkipped(skipped, w.have)
  expect([...store.inPartFile]).toEqual([1, 0, 0, 1, 0, 0, 0, 0])
  const shared = [1, 4]
  for (const piece of [...shared, 5, 6]) expect(await w.write(store, piece)).toBe('ok')
  await store.sync()
  expect([w.exists(0), w.exists(3), existsSync(join(w.folder, PART))]).toEqual([false, false, true])
  for (const piece of shared) {
    const at = piece * 32 * KIB
    expect(await store.read(piece, 0, 32 * KIB)).toEqual(w.bytes.subarray(at, at + 32 * KIB))
  }
  expect(w.onDisk(2).equals(w.expected(2))).toBe(true)
  expect(await w.checked(store)).toEqual([1, 4, 5, 6])
  await store.close()
})

test('files that are wanted again get their bytes back, after a restart too, and then the part file goes', async () => {
  const w = await world(ODD, 32 * KIB)
  const first = w.open()
  await first.setSkipped(
    ODD.map((_, file) => file === 0 || file === 3),
    w.have,
  )
  for (const piece of [1, 4]) await w.write(first, piece)
  await first.close()

  const second = w.open({ inPartFile: first.inPartFile.slice(), mayCreateRoot: false })
  const reading = second.read(1, 0, 32 * KIB)
  await second.setSkipped(
    ODD.map(() => false),
    w.have,
  )
  expect(await reading).toEqual(w.bytes.subarray(32 * KIB, 64 * KIB))
  expect([...second.inPartFile].includes(1)).toBe(false)
  expect(await w.checked(second)).toEqual([1, 4])
  for (const piece of [0, 2, 3, 5, 6]) await w.write(second, piece)
  await second.close()
  for (const file of REAL) expect(w.onDisk(file).equals(w.expected(file))).toBe(true)
  expect(existsSync(join(w.folder, PART))).toBe(false)
})

test('bytes that came while the wish changed are not lost', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  const skipped = ODD.map((_, file) => file === 0 || file === 3)
  const all = [
    w.write(store, 1),
    store.setSkipped(skipped, w.have),
    w.write(store, 4),
    store.setSkipped(
      ODD.map(() => false),
      w.have,
    ),
    w.write(store, 3),
  ]
  await Promise.all(all)
  expect(await w.checked(store)).toEqual([1, 3, 4])
  await store.close()
})

test('a skipped file that exists stays where it is', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  await w.write(store, 0)
  await store.setSkipped(
    ODD.map(() => true),
    w.have,
  )
  expect([...store.inPartFile]).toEqual([0, 0, 1, 1, 0, 0, 1, 1])
  await store.close()
})

test('after a crash between moving and remembering, what was moved is found', async () => {
  const w = await world(ODD, 32 * KIB)
  const first = w.open()
  const all = ODD.map(() => false)
  await first.setSkipped(
    all.map((_, file) => file === 3),
    w.have,
  )
  for (const piece of [1, 4]) await w.write(first, piece)
  const remembered = first.inPartFile.slice()
  await first.setSkipped(all, w.have)
  await first.close()

  const second = w.open({ inPartFile: remembered })
  expect(await w.checked(second)).toEqual([1, 4])
  expect([...second.inPartFile].includes(1)).toBe(false)
  await second.close()
})

test('the quick check trusts files that look as they were left and doubts the others', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  await w.writeAll(store)
  const stamps = await store.stamps()
  expect(await store.trusted(stamps, w.have.bytes)).toMatchObject({ doubtful: [], trusted: { count: 7 } })
  utimesSync(join(w.folder, 't/five'), 5, 5)
  const { trusted, doubtful } = await store.trusted(stamps, w.have.bytes)
  expect([[...trusted.indices()], doubtful]).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6],
  ])
  await rm(join(w.folder, 't/a/one'))
  expect((await store.trusted(stamps, w.have.bytes)).doubtful).toEqual([0, 1, 5, 6])
  await store.close()
})

test('claims on the part file are doubted when it is gone', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  await store.setSkipped(
    ODD.map((_, file) => file === 0),
    w.have,
  )
  await w.write(store, 1)
  await w.write(store, 2)
  const stamps = await store.stamps()
  expect((await store.trusted(stamps, w.have.bytes)).doubtful).toEqual([])
  await store.close()
  await rm(join(w.folder, PART))
  const again = w.open({ inPartFile: store.inPartFile })
  expect((await again.trusted(stamps, w.have.bytes)).doubtful).toEqual([1])
  await again.close()
})

test('deleting data takes the torrent’s files and leaves every foreign byte', async () => {
  const w = await world(ODD, 32 * KIB)
  const store = w.open()
  await store.setSkipped(
    ODD.map((_, file) => file === 7),
    w.have,
  )
  for (let piece = 0; piece < 6; piece++) await w.write(store, piece)
  await store.createEmptyFiles(ODD.map(() => false))
  writeFileSync(join(w.folder, 't/b/mine'), 'mine')
  writeFileSync(join(w.folder, 'beside'), 'beside')
  expect(await store.hasAnyData()).toBe(true)
  const { deleted, missing, kept } = await store.deleteData()
  expect({ deleted, missing, kept: [...kept].sort() }).toEqual({ deleted: 5, missing: 1, kept: ['t', 't/b'] })
  expect((await readdir(w.folder, { recursive: true })).sort()).toEqual(['beside', 't', 't/b', 't/b/mine'])
  expect(readFileSync(join(w.folder, 't/b/mine'), 'utf8')).toBe('mine')
  expect(await store.hasAnyData()).toBe(false)
  await store.close()
})

test('a link in the way is refused for writing, reading, checking and deleting', async () => {
  const w = await world(ODD, 32 * KIB)
  const outside = join(w.folder, 'outside')
  await mkdir(join(w.folder, 't'))
  await mkdir(outside)
  writeFileSync(join(outside, 'one'), Buffer.alloc(50_001))
  writeFileSync(join(outside, 'five'), 'secret')
  symlinkSync(outside, join(w.folder, 't/a'))
  symlinkSync(join(outside, 'five'), join(w.folder, 't/five'))
  const store = w.open()
  const refused = expect.objectContaining({ code: 'PATH_UNSAFE', blame: 'disk' }) as unknown
  await expect(w.write(store, 0)).rejects.toEqual(refused)
  await expect(w.write(store, 6)).rejects.toEqual(refused)
  await expect(Promise.resolve(store.read(0, 0, 10))).rejects.toEqual(refused)
  await expect(Promise.resolve(store.read(6, 0, 10))).rejects.toEqual(refused)
  await expect(w.checked(store)).rejects.toEqual(refused)
  expect((await store.deleteData()).deleted).toBe(0)
  expect(readFileSync(join(outside, 'five'), 'utf8')).toBe('secret')
  expect(statSync(join(outside, 'one')).size).toBe(50_001)
  await store.close()
})

test('a folder that is gone is DISK_MISSING and is not made again', async () => {
  const w = await world(ODD, 32 * KIB)
  const root = join(w.folder, 'drive')
  const missing = expect.objectContaining({ code: 'DISK_MISSING', blame: 'disk' }) as unknown
  const away = w.open({ root, mayCreateRoot: false })
  await expect(w.write(away, 0)).rejects.toEqual(missing)
  await expect(away.hasAnyData()).rejects.toEqual(missing)
  await expect(w.checked(away)).rejects.toEqual(missing)
  expect(existsSync(root)).toBe(false)
  await away.close()

  const fresh = w.open({ root })
  expect([await fresh.hasAnyData(), await w.checked(fresh)]).toEqual([false, []])
  expect(await w.write(fresh, 0)).toBe('ok')
  await rm(root, { recursive: true })
  await expect(w.write(fresh, 5)).rejects.toEqual(missing)
  await expect(fresh.sync()).rejects.toEqual(missing)
  expect(existsSync(root)).toBe(false)
  await fresh.close()
})

test('a file that got shorter is not served', async () => {
  const w = await world([{ path: 'one', length: 100_000 }], 64 * KIB)
  const store = w.open()
  await w.writeAll(store)
  truncateSync(join(w.folder, 'one'), 70_000)
  const changed = expect.objectContaining({ code: 'DISK_CHANGED', blame: 'disk' }) as unknown
  await expect(Promise.resolve(store.read(1, 0, 16 * KIB))).rejects.toEqual(changed)
  expect((await store.read(0, 0, 5)).length).toBe(5)
  await store.close()
})

test('a file that was deleted while it was open cannot be claimed', async () => {
  const w = await world([{ path: 'one', length: 100_000 }], 64 * KIB)
  const store = w.open()
  await w.write(store, 0)
  await rm(join(w.folder, 'one'))
  await expect(store.sync()).rejects.toEqual(expect.objectContaining({ code: 'DISK_MISSING' }))
  await store.close()
})

test('a torrent of version 2 only can be opened, and says that it cannot be downloaded', async () => {
  const w = await world([{ path: 'one', length: 100_000 }], 64 * KIB)
  const store = new TorrentStore({
    disk: w.io.disk,
    metainfo: { ...w.metainfo, kind: 'v2', pieceHashes: new Uint8Array(0) },
    geometry: w.geometry,
    spans: new FileSpans(w.metainfo.files, w.geometry),
    savePath: w.folder,
    mayCreateRoot: true,
    inPartFile: null,
    readCache: new ReadCache(0),
  })
  await expect(w.checked(store)).rejects.toEqual(expect.objectContaining({ code: 'UNSUPPORTED' }))
  await store.close()
})
