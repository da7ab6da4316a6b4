import type { FileEntry, FilePriority } from '#engine/api/model.ts'

/**
 * Folders and files in the order they are drawn (parents first), as parallel arrays: 100,000 files cost a few
 * megabytes and no object each. The subtree of `node` is `[node, end[node])`.
 */
export interface FileTree {
  readonly count: number
  readonly names: readonly string[]
  readonly depth: Uint16Array
  readonly end: Int32Array
  /** -1 at the top. */
  readonly parent: Int32Array
  /** Position in the file list that the tree was built from; -1 for a folder. */
  readonly file: Int32Array
}

interface Folder {
  readonly name: string
  readonly folders: Map<string, Folder>
  /** Folders, and positions of files, in the torrent's own order. */
  readonly children: (Folder | number)[]
}

const folderNamed = (name: string): Folder => ({ name, folders: new Map(), children: [] })

export function buildFileTree(files: readonly FileEntry[]): FileTree {
  const root = folderNamed('')
  let count = 0
  let lastPath = ''
  let lastFolder = root
  for (let position = 0; position < files.length; position++) {
    const path = files[position]!.path
    const slash = path.lastIndexOf('/')
    const folderPath = slash < 0 ? '' : path.slice(0, slash)
    // Files of one folder come in a row almost always: the walk from the top is done once for all of them.
    if (folderPath !== lastPath) {
      lastFolder = root
      for (const name of folderPath === '' ? [] : folderPath.split('/')) {
        let next = lastFolder.folders.get(name)
        if (!next) {
          next = folderNamed(name)
          lastFolder.folders.set(name, next)
          lastFolder.children.push(next)
          count++
        }
        lastFolder = next
      }
      lastPath = folderPath
    }
    lastFolder.children.push(position)
    count++
  }
  return flatten(root, count, files)
}

function flatten(root: Folder, count: number, files: readonly FileEntry[]): FileTree {
  const names: string[] = []
  const tree = {
    count,
    names,
    depth: new Uint16Array(count),
    end: new Int32Array(count),
    parent: new Int32Array(count),
    file: new Int32Array(count),
  }
  // Its own stack: a stranger's path may be nested deeper than the engine's call stack.
  const stack: { folder: Folder; node: number; next: number }[] = [{ folder: root, node: -1, next: 0 }]
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!
    const child = top.folder.children[top.next++]
    if (child === undefined) {
      if (top.node >= 0) tree.end[top.node] = names.length
      stack.pop()
      continue
    }
    const node = names.length
    tree.parent[node] = top.node
    tree.depth[node] = stack.length - 1
    if (typeof child === 'number') {
      const path = files[child]!.path
      names.push(path.slice(path.lastIndexOf('/') + 1))
      tree.file[node] = child
      tree.end[node] = node + 1
    } else {
      names.push(child.name)
      tree.file[node] = -1
      stack.push({ folder: child, node, next: 0 })
    }
  }
  return tree
}

export const isFolder = (tree: FileTree, node: number) => tree.file[node] === -1

/** Positions of the files under a node, itself included. */
export function filesUnder(tree: FileTree, node: number): number[] {
  const found: number[] = []
  for (let at = node; at < tree.end[node]!; at++) if (tree.file[at]! >= 0) found.push(tree.file[at]!)
  return found
}

export type Tick = 'none' | 'some' | 'all'
export const MIXED = 255

/** What every node adds up to. Bytes; priority is `MIXED` where the files differ. */
export interface FileSums {
  readonly size: Float64Array
  readonly wanted: Float64Array
  readonly done: Float64Array
  readonly wantedDone: Float64Array
  readonly files: Int32Array
  readonly wantedFiles: Int32Array
  readonly priority: Uint8Array
}

/** @param done verified bytes, by position; absent before the first figures came */
export function sumFiles(
  tree: FileTree,
  files: readonly FileEntry[],
  priorities: ArrayLike<FilePriority>,
  done?: ArrayLike<number>,
): FileSums {
  const sums: FileSums = {
    size: new Float64Array(tree.count),
    wanted: new Float64Array(tree.count),
    done: new Float64Array(tree.count),
    wantedDone: new Float64Array(tree.count),
    files: new Int32Array(tree.count),
    wantedFiles: new Int32Array(tree.count),
    priority: new Uint8Array(tree.count),
  }
  // Backwards, so that a folder is complete when its own turn to be added to its parent comes.
  for (let node = tree.count - 1; node >= 0; node--) {
    const position = tree.file[node]!
    if (position >= 0) fillFile(sums, node, files[position]!.length, priorities[position] ?? 2, done?.[position] ?? 0)
    const parent = tree.parent[node]!
    if (parent >= 0) addToParent(sums, node, parent)
  }
  return sums
}

function fillFile(sums: FileSums, node: number, size: number, priority: FilePriority, done: number): void {
  sums.size[node] = size
  sums.done[node] = done
  sums.files[node] = 1
  sums.priority[node] = priority
  if (priority === 0) return
  sums.wanted[node] = size
  sums.wantedDone[node] = done
  sums.wantedFiles[node] = 1
}

function addToParent(sums: FileSums, node: number, parent: number): void {
  const isFirst = sums.files[parent] === 0
  sums.priority[parent] = isFirst || sums.priority[parent] === sums.priority[node] ? sums.priority[node]! : MIXED
  sums.size[parent]! += sums.size[node]!
  sums.wanted[parent]! += sums.wanted[node]!
  sums.done[parent]! += sums.done[node]!
  sums.wantedDone[parent]! += sums.wantedDone[node]!
  sums.files[parent]! += sums.files[node]!
  sums.wantedFiles[parent]! += sums.wantedFiles[node]!
}

export function tickOf(sums: FileSums, node: number): Tick {
  const wanted = sums.wantedFiles[node]!
  return wanted === 0 ? 'none' : wanted === sums.files[node] ? 'all' : 'some'
}

/**
 * The nodes to draw, in order. With a filter: files whose path matches, and the folders on their way, open whatever
 * was folded.
 */
export function visibleNodes(
  tree: FileTree,
  folded: ReadonlySet<number>,
  matches?: (position: number) => boolean,
): number[] {
  const shown: number[] = []
  if (!matches) {
    for (let node = 0; node < tree.count;) {
      shown.push(node)
      node = folded.has(node) ? tree.end[node]! : node + 1
    }
    return shown
  }
  const keep = new Uint8Array(tree.count)
  for (let node = 0; node < tree.count; node++) {
    const position = tree.file[node]!
    if (position < 0 || !matches(position)) continue
    for (let at = node; at >= 0 && keep[at] === 0; at = tree.parent[at]!) keep[at] = 1
  }
  for (let node = 0; node < tree.count; node++) if (keep[node] === 1) shown.push(node)
  return shown
}

/** Folders to start folded, so that a huge torrent opens on its first level and a small one shows everything. */
export function initiallyFolded(tree: FileTree): Set<number> {
  const folded = new Set<number>()
  if (tree.count <= 200) return folded
  for (let node = 0; node < tree.count; node++) if (tree.file[node] === -1 && tree.depth[node]! > 0) folded.add(node)
  return folded
}

/** `*.mkv`, `disc?/*` or plain words; several separated by spaces must all match. Undefined for an empty filter. */
export function fileMatcher(files: readonly FileEntry[], filter: string): ((position: number) => boolean) | undefined {
  const words = filter.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return undefined
  const tests = words.map(word => {
    if (!/[*?]/.test(word)) return (path: string) => path.includes(word)
    return globMatcher(word)
  })
  return position => {
    const path = files[position]!.path.toLowerCase()
    return tests.every(matches => matches(path))
  }
}

/** A glob over the whole path when it names folders, over the file's name otherwise. Linear: no backtracking on hostile names. */
function globMatcher(glob: string): (path: string) => boolean {
  const overPath = glob.includes('/')
  return path => globMatches(glob, overPath ? path : path.slice(path.lastIndexOf('/') + 1))
}

function globMatches(glob: string, text: string): boolean {
  let at = 0
  let star = -1
  let starText = 0
  let of = 0
  while (of < text.length) {
    if (glob[at] === '*') {
      star = at++
      starText = of
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[of])) {
      at++
      of++
    } else if (star >= 0) {
      at = star + 1
      of = ++starText
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}
