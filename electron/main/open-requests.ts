import { readFile, stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { OpenRequest } from '#electron/api/shell.ts'

/** Characters, as `LIMITS.magnet` of the engine: longer ones cannot be real. */
const MAGNET_CHARS = 64 * 1024
/** Bytes, as `LIMITS.metainfo` of the engine. */
const TORRENT_BYTES = 64 * 1024 * 1024
/** A file manager may hand over a whole folder's worth; more is a mistake. */
const WAITING = 2_000

/**
 * What the system asks us to open, from whichever side it comes: command line, second start, file manager, link.
 * One queue, in order, kept until the page says that it is ready.
 */
export class OpenRequests {
  #waiting: OpenRequest[] = []
  #listener: ((request: OpenRequest) => void) | undefined
  #reading: Promise<void> = Promise.resolve()

  /** From here on requests go to `listener`, first of all those that wait. */
  deliverTo(listener: (request: OpenRequest) => void): void {
    this.#listener = listener
    for (const request of this.#waiting.splice(0)) listener(request)
  }

  /** The page is gone or loads again: keep what comes until there is a listener. */
  hold(): void {
    this.#listener = undefined
  }

  /**
   * @param given what follows the program (and, unpackaged, its main file) on the command line
   * @param folder absolute; where the command was given. Relative paths mean nothing without it.
   */
  fromCommandLine(given: readonly string[], folder: string): void {
    // A switch belongs to Chromium or to us, and is never a file: whoever has such a file writes ./--name.
    for (const argument of given) if (!argument.startsWith('-')) this.open(argument, folder)
  }

  /** @param argument a magnet link, a file:// address or a path */
  open(argument: string, folder: string): void {
    // One after the other, so that files come in the order they were given in.
    this.#reading = this.#reading.then(async () => this.#push(await requestFor(argument, folder)))
  }

  #push(request: OpenRequest): void {
    if (this.#listener) this.#listener(request)
    else if (this.#waiting.length < WAITING) this.#waiting.push(request)
  }
}

/** Decides by scheme, never by trying: a magnet link is never taken for a path, however long it is. */
export async function requestFor(argument: string, folder: string): Promise<OpenRequest> {
  if (/^magnet:/i.test(argument)) {
    if (argument.length <= MAGNET_CHARS) return { kind: 'magnet', uri: argument }
    const reason = `This magnet link is ${argument.length} characters long; no real one has more than ${MAGNET_CHARS}.`
    return { kind: 'refused', name: `${argument.slice(0, 40)}…`, reason }
  }
  // Two letters at least: one letter before a colon is a drive.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(argument)?.[1]?.toLowerCase()
  if (scheme !== undefined && scheme !== 'file') {
    const reason = `Freshet opens .torrent files and magnet links from here; "${scheme}:" addresses can be pasted into Add link.`
    return { kind: 'refused', name: argument.slice(0, 120), reason }
  }
  try {
    return await readTorrent(scheme === 'file' ? fileURLToPath(argument) : resolve(folder, argument))
  } catch {
    return {
      kind: 'refused',
      name: argument.slice(0, 120),
      reason: 'This is not the address of a file on this computer.',
    }
  }
}

/** Reads a file that should be a .torrent; whether it is one the engine says. @param path absolute */
export async function readTorrent(path: string): Promise<OpenRequest> {
  const name = basename(path)
  const refused = (reason: string): OpenRequest => ({ kind: 'refused', name, reason })
  try {
    // Looked at before it is opened: opening a pipe would wait for somebody to write to it.
    const file = await stat(path)
    if (!file.isFile()) return refused(`"${name}" is not a file. Choose a .torrent file.`)
    if (file.size > TORRENT_BYTES) {
      return refused(
        `"${name}" is too large for a .torrent file (${file.size} bytes). Choose the .torrent, not its data.`,
      )
    }
    return { kind: 'bytes', name, bytes: new Uint8Array(await readFile(path)) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return refused(`"${name}" does not exist (any more) at ${path}.`)
    if (code === 'EACCES' || code === 'EPERM')
      return refused(`"${name}" may not be read by you. Check its permissions.`)
    return refused(`"${name}" cannot be read (${code ?? 'unknown error'}).`)
  }
}
