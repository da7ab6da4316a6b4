import { latin1, lossyText, utf8 } from '#engine/base/bytes.ts'
import { LIMITS } from '#engine/base/limits.ts'

/**
 * The one place where names from strangers become names of files (docs/threat-model.md, "Paths").
 * The same rules on every system, so that data can move between disks.
 */

/**
 * One safe path element, or '' when nothing usable is left: callers drop it or put a name of their own.
 * Never `.`, `..`, a separator, a device name of Windows, a character that Windows refuses, or longer than 240 bytes of UTF-8.
 * What is not UTF-8 becomes `_`; everything else keeps its spelling. `safeElement(safeElement(x)) = safeElement(x)`.
 */
export function safeElement(name: Uint8Array | string): string {
  const text = typeof name === 'string' ? name : lossyText(name)
  if (isPlain(text)) return text
  // Each step can make work for one before it (a cut may end in a space), so they repeat until nothing changes.
  // Every round shortens the name or ends the loop, but for the one `_` that a device name gets.
  let safe = text
  for (let before = ''; before !== safe;) {
    before = safe
    safe = cleanOnce(safe)
  }
  return safe
}

/**
 * Text for people: no control and bidi characters, no separators, nothing invisible, no longer than a path element may be;
 * bad bytes are `_`. Never a path.
 */
export function displayName(bytes: Uint8Array): string {
  const name = visibleText(lossyText(bytes).replace(/\ufffd/g, '_')).replace(/[/\\]/g, '')
  return name === '.' || name === '..' || name.trim() === '' ? '' : shorten(name)
}

/** Text for people in one or more lines: comments. Line breaks stay, what could disguise text goes. */
export function displayText(bytes: Uint8Array): string {
  // A char is at most four bytes; what would be cut is not worth reading.
  const text = lossyText(bytes.subarray(0, LIMITS.metainfo.textChars * 4))
  return cut(text.split('\n').map(visibleText).join('\n'))
}

const cut = (text: string) => Array.from(text.slice(0, LIMITS.metainfo.textChars)).filter(isWhole).join('')
const isWhole = (char: string) => char.length > 1 || char < '\ud800' || char > '\udfff'

/**
 * What nobody sees or what turns text around: controls, bidi and zero-width marks, fillers, tags, line separators.
 * Joiners and variation selectors belong to letters and emoji; they stay.
 */
const invisible =
  /(?!\p{Variation_Selector}|\p{Join_Control})[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2028\u2029\ufff9-\ufffb]/gu
/** Joiners shape Persian, Indic scripts and emoji; beside ASCII or an edge they only make two names look the same. */
const idleJoiners = /(?<!\P{ASCII})\p{Join_Control}+|\p{Join_Control}+(?!\P{ASCII})/gu

const visibleText = (text: string): string => text.replace(invisible, '').replace(idleJoiners, '')

/** Names that Windows gives to devices, whatever extension follows. */
const device =
  /^(?:con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3]|conin\$|conout\$|clock\$) *(?:\.|$)/i

/** Most names: letters, digits and marks that are harmless everywhere, too short to be cut. */
const isPlain = (text: string): boolean =>
  (/^[A-Za-z0-9_(](?:[A-Za-z0-9 _.,()'&+!#@=~-]*[A-Za-z0-9_)])?$/.test(text) ||
    (/^[\p{L}\p{N}_(](?:[\p{L}\p{M}\p{N} _.,()'&+!#@=~-]*[\p{L}\p{N}_)])?$/u.test(text) &&
      !/\p{Default_Ignorable_Code_Point}/u.test(text))) &&
  text.length * UTF8_PER_UNIT <= LIMITS.metainfo.nameBytes &&
  !device.test(text)

/** A UTF-16 unit is at most three bytes of UTF-8. */
const UTF8_PER_UNIT = 3

function cleanOnce(text: string): string {
  const visible = visibleText(text.replace(/\ufffd/g, '_'))
    .replace(/[/\\]/g, '')
    .replace(/[<>:"|?*]/g, '_')
  const short = shorten(visible).replace(/[. ]+$/, '')
  if (/^[. ]*$/.test(short)) return ''
  return device.test(short) ? `_${short}` : short
}

const byteLength = (text: string) => utf8(text).length

/** At most 240 bytes, whole characters, the extension kept where it is one. */
function shorten(text: string): string {
  const room = LIMITS.metainfo.nameBytes
  if (text.length * UTF8_PER_UNIT <= room || byteLength(text) <= room) return text
  const dot = text.lastIndexOf('.')
  const extension = dot > 0 && byteLength(text.slice(dot)) <= 32 ? text.slice(dot) : ''
  let left = room - byteLength(extension)
  let stem = ''
  for (const char of text.slice(0, text.length - extension.length)) {
    left -= byteLength(char)
    if (left < 0) break
    stem += char
  }
  return stem + extension
}

/** Two names that some file system takes for one have the same key: case, composition (NFC, NFD), ignorable characters. */
export function foldName(name: string): string {
  if (/^\p{ASCII}*$/u.test(name)) return name.toLowerCase()
  return name
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFD')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')
}

interface Folder {
  readonly path: string
  /** By the name as the torrent spells it, in latin1. */
  readonly bySpelling: Map<string, Folder>
  readonly byFold: Map<string, Folder>
  /** Names in use, folded; the value counts how often one was asked for. */
  readonly taken: Map<string, number>
}

const folderAt = (path: string): Folder => ({ path, bySpelling: new Map(), byFold: new Map(), taken: new Map() })

/**
 * Safe paths for all files of one torrent, `/` between elements, no two of which are one file on any system.
 * Folders that fold alike are one folder, in the spelling that came first; a file whose name is taken, by a file or a folder,
 * becomes `name.1.ext`. Folders first, then files in order: the same torrent gives the same paths, always.
 *
 * @param topFolder safe name of the folder that holds everything, '' for none
 * @param elementsOf path elements of a file, as the torrent spells them
 */
export function safePaths(
  topFolder: string,
  count: number,
  elementsOf: (index: number) => readonly Uint8Array[],
): string[] {
  const root = folderAt(topFolder === '' ? '' : `${topFolder}/`)
  const folders: Folder[] = []
  const names: (Uint8Array | undefined)[] = []
  for (let index = 0; index < count; index++) {
    const elements = elementsOf(index)
    let folder = root
    for (let at = 0; at < elements.length - 1; at++) folder = childOf(folder, elements[at]!)
    folders.push(folder)
    names.push(elements[elements.length - 1])
  }
  return folders.map((folder, index) => {
    const name = names[index]
    return folder.path + freeName(folder.taken, (name && safeElement(name)) || '_')
  })
}

function childOf(parent: Folder, element: Uint8Array): Folder {
  const spelling = latin1(element)
  const known = parent.bySpelling.get(spelling)
  if (known) return known
  const name = safeElement(element)
  // `..`, `.` and what is left of `/` are no folders at all.
  const folder = name === '' ? parent : folderNamed(parent, name)
  parent.bySpelling.set(spelling, folder)
  return folder
}

function folderNamed(parent: Folder, name: string): Folder {
  const fold = foldName(name)
  const known = parent.byFold.get(fold)
  if (known) return known
  const folder = folderAt(`${parent.path}${name}/`)
  parent.byFold.set(fold, folder)
  parent.taken.set(fold, 1)
  return folder
}

function freeName(taken: Map<string, number>, name: string): string {
  const fold = foldName(name)
  let count = taken.get(fold)
  if (count === undefined) {
    taken.set(fold, 1)
    return name
  }
  for (;;) {
    const next = safeElement(numbered(name, count++))
    const nextFold = foldName(next)
    if (taken.has(nextFold)) continue
    taken.set(fold, count) // where the next equal name begins to look: equal names cost a step each, not a search
    taken.set(nextFold, 1)
    return next
  }
}

function numbered(name: string, count: number): string {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : ''
  const stem = name.slice(0, name.length - extension.length)
  // Safe names may be as long as allowed; the number must fit.
  let short = stem
  while (byteLength(`${short}.${count}${extension}`) > LIMITS.metainfo.nameBytes) {
    short = Array.from(short).slice(0, -1).join('')
  }
  return `${short}.${count}${extension}`
}
