/** Absolute on the engine's computer, whichever system that is. */
const isAbsolute = (path: string) => /^(?:\/|[a-z]:[\\/]|\\\\)/i.test(path)

/** Why a text is no folder to save in, or undefined. */
export function folderProblem(path: string): string | undefined {
  if (path.trim() === '') return 'Choose a folder'
  return isAbsolute(path.trim()) ? undefined : 'Give the whole path, beginning at the root'
}

/** The last element: what a folder is called. */
export const folderName = (path: string) => path.split(/[\\/]/).findLast(part => part !== '') ?? path
