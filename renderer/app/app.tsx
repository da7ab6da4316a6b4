import { AddSheets } from '#renderer/features/add/add-sheets.tsx'
import { useShortcuts } from '#renderer/features/commands/shortcuts.ts'
import { DropOverlay } from '#renderer/features/drop/drop-overlay.tsx'
import { useIncoming } from '#renderer/features/drop/use-drop.ts'
import { useTaskbarProgress } from '#renderer/features/status-bar/taskbar.ts'
import { Announcer } from '#renderer/features/toasts/announcer.tsx'
import { Toasts } from '#renderer/features/toasts/toasts.tsx'
import { Layout } from './layout.tsx'
import { Sheets } from './sheets.tsx'

export function App() {
  useShortcuts()
  useTaskbarProgress()
  const hover = useIncoming()
  return (
    <>
      <Layout />
      <Sheets />
      <AddSheets />
      <Toasts />
      <Announcer />
      {hover && <DropOverlay hover={hover} />}
    </>
  )
}
