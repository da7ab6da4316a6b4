import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Endpoint } from '#engine/base/endpoint.ts'
import type { EngineError } from '#engine/base/errors.ts'
import type { Io } from './io.ts'
import { NO_FILE, type FileSet, type FileSpan, type Slot } from './piece-disk.ts'
import type { TcpSocket } from './tcp.ts'

/** One world to test: the real one in a temporary folder, or a simulated one that runs by itself. */
export interface World {
  readonly io: Io
  /** Absolute path of an empty folder that exists. */
  readonly folder: string
  /** An IPv4 address that this world can listen on and dial. */
  readonly address: string
  end(): Promise<void>
}

type MakeWorld = () => Promise<World>

const never = () => new AbortController().signal
const sha1 = (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest())
const ascii = (text: string) => new TextEncoder().encode(text)
const pattern = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 7 + (at >> 8)) & 255)
const code = (wanted: string) => expect.objectContaining({ name: 'EngineError', code: wanted }) as unknown

function inWorld(name: string, make: MakeWorld, tests: (world: () => World) => void): void {
  describe(`${name} of this world`, () => {
    let world: World | undefined
    beforeAll(async () => {
      world = await make()
    })
    afterAll(() => world?.end())
    tests(() => world!)
  })
}

/** Collects what a socket tells. */
class Ear {
  readonly received: number[] = []
  drains = 0
  closes: (EngineError | undefined)[] = []
  #check = () => {}

  onData(bytes: Uint8Array): void {
    for (const byte of bytes) this.received.push(byte)
    this.#check()
  }
  onDrain(): void {
    this.drains++
    this.#check()
  }
  onClose(error: EngineError | undefined): void {
    this.closes.push(error)
    this.#check()
  }
  until(condition: (ear: this) => boolean): Promise<void> {
    return new Promise(resolve => {
      this.#check = () => {
        if (condition(this)) resolve()
      }
      this.#check()
    })
  }
}

export function tcpContract(make: MakeWorld): void {
  inWorld('tcp', make, world => {
    async function pair(): Promise<{ ours: TcpSocket; theirs: TcpSocket; end: () => void }> {
      const { io, address } = world()
      let arrived: (socket: TcpSocket) => void = () => {}
      const theirs = new Promise<TcpSocket>(resolve => (arrived = resolve))
      const listener = await io.tcp.listen({ host: address, port: 0 }, socket => arrived(socket))
      const ours = await io.tcp.dial(at(address, listener.port), { timeoutMs: 5000 }, never())
      const accepted = await theirs
      const end = () => {
        ours.close()
        accepted.close()
        listener.close()
      }
      return { ours, theirs: accepted, end }
    }
    const at = (address: string, port: number): Endpoint => ({ address, port, family: 4 })

    test('bytes arrive in order, whole, in both directions', async () => {
      const { ours, theirs, end } = await pair()
      const [a, b] = [new Ear(), new Ear()]
      ours.attach(a)
      theirs.attach(b)
      const sent = pattern(300_000)
      ours.writeMany([sent.subarray(0, 13), sent.subarray(13, 13), sent.subarray(13)])
      theirs.writeMany([ascii('back')])
      await Promise.all([
        b.until(ear => ear.received.length === sent.length),
        a.until(ear => ear.received.length === 4),
      ])
      expect(Uint8Array.from(b.received)).toEqual(sent)
      expect(Uint8Array.from(a.received)).toEqual(ascii('back'))
      end()
    })

    test('bytes that came before the owner wait for it, on either side', async () => {
      const { ours, theirs, end } = await pair()
      const [a, b] = [new Ear(), new Ear()]
      ours.writeMany([ascii('early')])
      theirs.writeMany([ascii('bird')])
      await settle()
      ours.attach(a)
      theirs.attach(b)
      await Promise.all([b.until(ear => ear.received.length === 5), a.until(ear => ear.received.length === 4)])
      expect([Uint8Array.from(b.received), Uint8Array.from(a.received)]).toEqual([ascii('early'), ascii('bird')])
      end()
    })

    test('a socket can be handed on', async () => {
      const { ours, theirs, end } = await pair()
      const [first, second] = [new Ear(), new Ear()]
      theirs.attach(first)
      ours.writeMany([ascii('one')])
      await first.until(ear => ear.received.length === 3)
      theirs.attach(second)
      ours.writeMany([ascii('two')])
      await second.until(ear => ear.received.length === 3)
      expect(first.received.length).toBe(3)
      end()
    })

    test('a drain is told when everything unsent has left', async () => {
      const { ours, theirs, end } = await pair()
      const [a, b] = [new Ear(), new Ear()]
      ours.attach(a)
      theirs.attach(b)
      theirs.pause()
      ours.writeMany([new Uint8Array(32 * 1024 * 1024)])
      await settle()
      expect(ours.unsent).toBeGreaterThan(0)
      expect(a.drains).toBe(0)
      theirs.resume()
      await a.until(ear => ear.drains > 0)
      expect(ours.unsent).toBe(0)
      end()
    })

    test('the end is told once to the other side, and not to the one who closed', async () => {
      const { ours, theirs, end } = await pair()
      const [a, b] = [new Ear(), new Ear()]
      ours.attach(a)
      theirs.attach(b)
      ours.close()
      ours.close()
      await b.until(ear => ear.closes.length > 0)
      await settle()
      expect([a.closes.length, b.closes.length]).toEqual([0, 1])
      end()
    })

    test('an end that came before the owner is told to it', async () => {
      const { ours, theirs, end } = await pair()
      theirs.close()
      await settle()
      const ear = new Ear()
      ours.attach(ear)
      await ear.until(({ closes }) => closes.length > 0)
      expect(ear.closes).toHaveLength(1)
      end()
    })

    test('a throw of the owner ends that socket and no other', async () => {
      const [bad, good] = [await pair(), await pair()]
      const [ear, other] = [new Ear(), new Ear()]
      const closed: unknown[] = []
      bad.theirs.attach({
        onData: () => {
          throw new Error('a bug of ours')
        },
        onDrain: () => {},
        onClose: error => closed.push(error),
      })
      bad.ours.attach(ear)
      good.theirs.attach(other)
      bad.ours.writeMany([ascii('x')])
      await ear.until(({ closes }) => closes.length > 0)
      good.ours.writeMany([ascii('still here')])
      await other.until(({ received }) => received.length === 10)
      expect(closed).toEqual([code('INTERNAL')])
      bad.end()
      good.end()
    })

    test('nobody listening is CONNECT_FAILED, and an abort is ABORTED', async () => {
      const { io, address } = world()
      const listener = await io.tcp.listen({ host: address, port: 0 }, () => {})
      const { port } = listener
      listener.close()
      await settle()
      await expect(io.tcp.dial(at(address, port), { timeoutMs: 5000 }, never())).rejects.toEqual(code('CONNECT_FAILED'))
      const stop = new AbortController()
      stop.abort()
      await expect(io.tcp.dial(at(address, port), { timeoutMs: 5000 }, stop.signal)).rejects.toEqual(code('ABORTED'))
    })

    test('a port that is taken is PORT_IN_USE', async () => {
      const { io, address } = world()
      const listener = await io.tcp.listen({ host: address, port: 0 }, () => {})
      await expect(io.tcp.listen({ host: address, port: listener.port }, () => {})).rejects.toEqual(code('PORT_IN_USE'))
      listener.close()
    })
  })
}

export function udpContract(make: MakeWorld): void {
  inWorld('udp', make, world => {
    test('a packet arrives with where it came from, and a throw drops only it', async () => {
      const { io, address } = world()
      const seen: [string, number][] = []
      let arrived = () => {}
      const both = new Promise<void>(resolve => (arrived = resolve))
      const here = await io.udp.bind({ family: 4, host: address, port: 0 }, (bytes, from) => {
        seen.push([new TextDecoder('latin1').decode(bytes), from.port])
        if (seen.length === 2) arrived()
        throw new Error('a bug of ours')
      })
      const there = await io.udp.bind({ family: 4, host: address, port: 0 }, () => {})
      const reused = ascii('one')
      there.send(reused, { address, port: here.port, family: 4 })
      reused.set(ascii('two'))
      there.send(reused, { address, port: here.port, family: 4 })
      await both
      expect(seen.sort(([a], [b]) => a.localeCompare(b))).toEqual([
        ['one', there.port],
        ['two', there.port],
      ])
      here.close()
      there.close()
      there.send(reused, { address, port: here.port, family: 4 })
    })

    test('a port that is taken is PORT_IN_USE', async () => {
      const { io, address } = world()
      const socket = await io.udp.bind({ family: 4, host: address, port: 0 }, () => {})
      const again = io.udp.bind({ family: 4, host: address, port: socket.port }, () => {})
      await expect(again).rejects.toEqual(code('PORT_IN_USE'))
      socket.close()
    })
  })
}

export function filesContract(make: MakeWorld): void {
  inWorld('files', make, world => {
    const path = (name: string) => `${world().folder}/${name}`

    test('what was written is read, the last write wins, and nothing else is left in the folder', async () => {
      const { files } = world().io
      await files.makeFolder(path('a/b'))
      await Promise.all([
        files.writeAtomic(path('a/b/x'), ascii('old')),
        files.writeAtomic(path('a/b/x'), ascii('new')),
      ])
      expect(await files.read(path('a/b/x'), 100)).toEqual(ascii('new'))
      expect(await files.list(path('a/b'))).toEqual(['x'])
      expect(await files.stat(path('a/b/x'))).toMatchObject({ kind: 'file', size: 3 })
      expect(await files.stat(path('a/b'))).toMatchObject({ kind: 'folder' })
    })

    test('what is absent is an answer or DISK_MISSING', async () => {
      const { files } = world().io
      expect(await files.stat(path('no'))).toBeUndefined()
      expect(await files.list(path('no'))).toEqual([])
      await files.remove(path('no'))
      await expect(files.read(path('no'), 100)).rejects.toEqual(code('DISK_MISSING'))
    })

    test('a file that is larger than allowed is not read', async () => {
      const { files } = world().io
      await files.writeAtomic(path('large'), new Uint8Array(101))
      await expect(files.read(path('large'), 100)).rejects.toEqual(code('DISK_IO'))
    })

    test('appends follow each other in the order they were asked for, and a tail can be cut', async () => {
      const { files } = world().io
      const journal = await files.openAppend(path('journal'))
      await Promise.all(['one ', 'two ', 'torn'].map(text => journal.append(ascii(text))))
      expect(journal.size).toBe(12)
      await journal.truncate(8)
      await journal.datasync()
      await journal.close()
      const again = await files.openAppend(path('journal'))
      expect(again.size).toBe(8)
      await again.append(ascii('three'))
      await again.close()
      expect(await files.read(path('journal'), 100)).toEqual(ascii('one two three'))
    })

    test('rename moves and remove deletes', async () => {
      const { files } = world().io
      await files.writeAtomic(path('from'), ascii('x'))
      await files.rename(path('from'), path('to'))
      expect([await files.stat(path('from')), (await files.stat(path('to')))?.size]).toEqual([undefined, 1])
      await files.remove(path('to'))
      expect(await files.stat(path('to'))).toBeUndefined()
    })

    test('space is told for a folder that does not exist yet', async () => {
      const { free, total } = await world().io.files.space(path('not/there/yet'))
      expect(free > 0 && total >= free).toBe(true)
    })

    test('a lock is held by one until it is given back', async () => {
      const { files } = world().io
      const lock = await files.lock(path('lock'))
      await expect(files.lock(path('lock'))).rejects.toEqual(code('STATE_LOCKED'))
      lock[Symbol.dispose]()
      await settle()
      ;(await files.lock(path('lock')))[Symbol.dispose]()
    })
  })
}

export function pieceDiskContract(make: MakeWorld): void {
  inWorld('piece disk', make, world => {
    const whole = (name: string) => world().io.files.read(`${world().folder}/${name}`, 10_000_000)
    const place = (file: number, offset: number, length: number): FileSpan => ({ file, offset, length })

    function slotOf(bytes: Uint8Array): Slot {
      const slot = world().io.disk.acquire(bytes.length)!
      slot.bytes.set(bytes)
      return slot
    }
    async function put(set: FileSet, bytes: Uint8Array, spans: readonly FileSpan[], expected = sha1(bytes)) {
      const { disk } = world().io
      const slot = slotOf(bytes)
      try {
        return await disk.verifyAndWrite(set, slot, bytes.length, expected, spans)
      } finally {
        disk.release(slot)
      }
    }
    const register = (top: string, lengths: readonly number[], mayCreateRoot = true) =>
      world().io.disk.register({
        root: `${world().folder}/${top}`,
        paths: lengths.map((_, file) => `t/${file}`),
        lengths,
        mayCreateRoot,
      })

    test('a good piece is written across its files, padding left out', async () => {
      const { disk } = world().io
      const set = register('good', [10, 5])
      const bytes = pattern(15)
      bytes.fill(0, 4, 10)
      expect(await put(set, bytes, [place(0, 6, 4), place(NO_FILE, 0, 6), place(1, 0, 5)])).toBe('ok')
      await disk.sync(set, [0, 1])
      expect(await whole('good/t/0')).toEqual(Uint8Array.from([0, 0, 0, 0, 0, 0, ...bytes.subarray(0, 4)]))
      expect(await whole('good/t/1')).toEqual(bytes.subarray(10))
      expect(await disk.read(set, [place(0, 6, 4), place(NO_FILE, 0, 6), place(1, 0, 5)])).toEqual(bytes)
      expect(await disk.verify(set, sha1(bytes), [place(0, 6, 4), place(NO_FILE, 0, 6), place(1, 0, 5)])).toBe('ok')
      await disk.unregister(set)
    })

    test('a bad piece is a mismatch and touches nothing', async () => {
      const { disk, files } = world().io
      const set = register('bad', [10])
      expect(await put(set, pattern(10), [place(0, 0, 10)], new Uint8Array(20))).toBe('mismatch')
      expect(await files.stat(`${world().folder}/bad`)).toBeUndefined()
      await disk.unregister(set)
    })

    test('runs are written unverified and verified from the disk', async () => {
      const { disk } = world().io
      const set = register('runs', [20])
      const bytes = pattern(20)
      for (const begin of [10, 0]) {
        const slot = slotOf(bytes.subarray(begin, begin + 10))
        await disk.write(set, slot, 10, [place(0, begin, 10)])
        disk.release(slot)
        const verdict = await disk.verify(set, sha1(bytes), [place(0, 0, 20)])
        expect(verdict).toBe(begin === 0 ? 'ok' : 'mismatch')
      }
      await disk.unregister(set)
    })

    test('a file that is shorter than it was is DISK_CHANGED, one that is gone DISK_MISSING', async () => {
      const { disk } = world().io
      const set = register('short', [10, 10])
      await put(set, pattern(5), [place(0, 0, 5)])
      await expect(disk.read(set, [place(0, 0, 10)])).rejects.toEqual(code('DISK_CHANGED'))
      await expect(disk.read(set, [place(1, 0, 10)])).rejects.toEqual(code('DISK_MISSING'))
      await disk.unregister(set)
    })

    test('a root that may not be made is DISK_MISSING and stays away', async () => {
      const { disk, files } = world().io
      const set = register('away', [5], false)
      const put5 = () => put(set, pattern(5), [place(0, 0, 5)])
      await expect(put5()).rejects.toEqual(code('DISK_MISSING'))
      await expect(disk.touch(set, 0)).rejects.toEqual(code('DISK_MISSING'))
      await expect(disk.stamps(set)).rejects.toEqual(code('DISK_MISSING'))
      await expect(disk.read(set, [place(0, 0, 5)])).rejects.toEqual(code('DISK_MISSING'))
      const item = { piece: 0, spans: [place(0, 0, 5)], expected: new Uint8Array(20) }
      await expect(disk.check(set, [item], () => {}, never())).rejects.toEqual(code('DISK_MISSING'))
      expect(await files.stat(`${world().folder}/away`)).toBeUndefined()
      await disk.unregister(set)
    })

    test('a check tells each piece once and creates nothing', async () => {
      const { disk, files } = world().io
      const set = register('check', [30, 7, 5])
      const bytes = pattern(37)
      await put(set, bytes, [place(0, 0, 30), place(1, 0, 7)])
      const spans = [[place(0, 0, 10)], [place(0, 10, 20), place(1, 0, 7)], [place(0, 0, 10)], [place(2, 0, 5)]]
      const expected = [sha1(bytes.subarray(0, 10)), sha1(bytes.subarray(10)), new Uint8Array(20), sha1(pattern(5))]
      const told: [number, boolean][] = []
      await disk.check(
        set,
        spans.map((given, piece) => ({ piece, spans: given, expected: expected[piece]! })),
        results => told.push(...results.map(({ piece, ok }): [number, boolean] => [piece, ok])),
        never(),
      )
      expect(told.sort(([a], [b]) => a - b)).toEqual([
        [0, true],
        [1, true],
        [2, false],
        [3, false],
      ])
      expect(await files.list(`${world().folder}/check/t`)).toEqual(['0', '1'])
      await disk.unregister(set)
    })

    test('an aborted check is ABORTED and tells nothing more', async () => {
      const { disk } = world().io
      const set = register('abort', [1_000_000])
      await put(set, new Uint8Array(1_000_000), [place(0, 0, 1_000_000)])
      const stop = new AbortController()
      function* items() {
        for (let piece = 0; piece < 5000; piece++) {
          yield { piece, spans: [place(0, 0, 1_000_000)], expected: new Uint8Array(20) }
        }
      }
      let isOver = false
      const check = disk.check(
        set,
        items(),
        () => {
          expect(isOver).toBe(false)
          stop.abort()
          isOver = true
        },
        stop.signal,
      )
      await expect(check).rejects.toEqual(code('ABORTED'))
      await settle()
      await disk.unregister(set)
    })

    test('stamps tell what is there, touch makes an empty file, copy moves bytes', async () => {
      const { disk } = world().io
      const set = register('stamps', [10, 0, 10])
      await put(set, pattern(10), [place(0, 0, 10)])
      await disk.touch(set, 1)
      const [first, second, third] = await disk.stamps(set)
      expect([first?.size, second?.size, third]).toEqual([10, 0, undefined])
      await disk.copy(set, place(0, 2, 6), place(2, 4, 6))
      expect(await whole('stamps/t/2')).toEqual(Uint8Array.from([0, 0, 0, 0, ...pattern(10).subarray(2, 8)]))
      await disk.unregister(set)
    })

    test('deleting takes our files and empty folders, and nothing else', async () => {
      const { disk, files } = world().io
      const root = `${world().folder}/delete`
      const set = disk.register({ root, paths: ['t/a/1', 't/b/2', 't/b/3'], lengths: [5, 5, 5], mayCreateRoot: true })
      await put(set, pattern(10), [place(0, 0, 5), place(1, 0, 5)])
      await files.writeAtomic(`${root}/t/b/foreign`, ascii('mine'))
      const { deleted, missing, kept } = await disk.deleteFiles(set, [0, 1, 2], 't')
      expect({ deleted, missing, kept: [...kept].sort() }).toEqual({ deleted: 2, missing: 1, kept: ['t', 't/b'] })
      expect(await files.list(`${root}/t`)).toEqual(['b'])
      expect(await files.read(`${root}/t/b/foreign`, 100)).toEqual(ascii('mine'))
      await disk.unregister(set)
    })

    test('slots end with the budget, and room is told', () => {
      const { disk } = world().io
      const held: Slot[] = []
      for (;;) {
        const slot = disk.acquire(1024 * 1024)
        if (!slot) break
        held.push(slot)
      }
      expect(disk.stats.slotBytes).toBeLessThanOrEqual(disk.stats.slotBudget)
      let told = 0
      const listening = disk.onRoom(() => told++)
      for (const slot of held) disk.release(slot)
      listening[Symbol.dispose]()
      expect(told).toBe(1)
    })
  })
}

/** Longer than anything on the way takes; a simulated world may run on its own clock meanwhile. */
const settle = () => new Promise<void>(resolve => setTimeout(resolve, 50))
