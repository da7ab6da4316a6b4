import { useEffect } from 'react'
import { matchesKeys } from '#renderer/lib/keys.ts'
import { useAppStore, usePlatform } from '../services.ts'
import { sheetOpened } from './windows-slice.ts'
import { commands } from './registry.ts'
import { useRunCommand } from './use-commands.ts'

const TEXT = 'input:not([type=checkbox]):not([type=radio]), textarea, [contenteditable]'
const FLOATING = '[role=dialog], [role=alertdialog], [role=menu], [role=listbox]'
/** Keys that edit a text; in a field they stay the field's. */
const EDITING = /^(?:Mod\+[ACVXZ]|Delete|Shift\+Delete|Alt\+.*Arrow.*)$/

/** The keys of all commands, for the whole window. */
export function useShortcuts(): void {
  const run = useRunCommand()
  const store = useAppStore()
  const platform = usePlatform()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : document.body
      if (event.defaultPrevented || target.closest(FLOATING) || document.querySelector(FLOATING)) return
      const inText = target.closest(TEXT) !== null
      if (!inText && matchesKeys(event, '?')) {
        event.preventDefault()
        store.dispatch(sheetOpened({ kind: 'shortcuts' }))
        return
      }
      const region = target.closest('[data-region]')?.getAttribute('data-region')
      const command = commands.find(({ keys, scope, isKeyElsewhere }) => {
        if (keys === undefined || isKeyElsewhere || !matchesKeys(event, keys)) return false
        if (platform.kind === 'web' && isBrowserKey(keys)) return false
        if (inText && (scope === 'selection' || EDITING.test(keys))) return false
        // Delete in the file tree must not remove the torrent.
        return scope === 'app' || region === undefined || region === 'list' || region === 'toolbar'
      })
      if (!command) return
      // Text that is marked is what Ctrl+C means.
      if (command.id === 'copy-magnet' && getSelection()?.isCollapsed === false) return
      event.preventDefault()
      run(command)
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [run, store, platform])
}

/** A browser needs these itself; the palette reaches what they would do. */
export const isBrowserKey = (keys: string) => keys === 'F5' || /^Mod\+\d$/.test(keys)
