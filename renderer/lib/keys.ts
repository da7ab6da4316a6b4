/** Shortcuts are written as "Mod+Shift+H": Mod is ⌘ on macOS and Ctrl elsewhere. */

const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent)

interface KeyLike {
  readonly key: string
  readonly code: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
  readonly shiftKey: boolean
  readonly altKey: boolean
}

export function matchesKeys(event: KeyLike, keys: string, mac = isMac): boolean {
  const parts = keys.split('+')
  const key = parts.pop() ?? ''
  const mod = mac ? event.metaKey : event.ctrlKey
  const otherMod = mac ? event.ctrlKey : event.metaKey
  if (otherMod || mod !== parts.includes('Mod') || event.altKey !== parts.includes('Alt')) return false
  // '?' is typed with Shift on many keyboards and without it on others.
  if (key === '?') return event.key === '?'
  if (event.shiftKey !== parts.includes('Shift')) return false
  return event.key.toLowerCase() === key.toLowerCase() || (/^\d$/.test(key) && event.code === `Digit${key}`)
}

const CAPS: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  Delete: 'Del',
  ' ': 'Space',
}
const MAC_CAPS: Readonly<Record<string, string>> = { Mod: '⌘', Shift: '⇧', Alt: '⌥' }

/** What stands on the key caps. */
export function keyCaps(keys: string, mac = isMac): readonly string[] {
  return keys.split('+').map(key => {
    if (mac && MAC_CAPS[key]) return MAC_CAPS[key]
    return key === 'Mod' ? 'Ctrl' : (CAPS[key] ?? key)
  })
}
