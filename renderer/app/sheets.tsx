import { Palette } from '#renderer/features/commands/palette.tsx'
import { ShortcutsSheet } from '#renderer/features/commands/shortcuts-sheet.tsx'
import { LinkSheet } from '#renderer/features/drop/link-sheet.tsx'
import { RemoveSheet } from '#renderer/features/remove/remove-sheet.tsx'
import { SettingsSheet } from '#renderer/features/settings/settings-sheet.tsx'
import { useAppSelector } from '#renderer/features/services.ts'

/** Whatever lies over the window. */
export function Sheets() {
  const sheet = useAppSelector(state => state.windows.sheet)
  switch (sheet?.kind) {
    case 'remove':
      return <RemoveSheet ids={sheet.ids} data={sheet.data} />
    case 'link':
      return <LinkSheet />
    case 'palette':
      return <Palette />
    case 'shortcuts':
      return <ShortcutsSheet />
    case 'settings':
      return <SettingsSheet />
    default:
      return null
  }
}
