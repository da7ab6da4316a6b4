import { ArrowLeft, ChevronDown, Menu as MenuIcon, PanelLeft, Plus, Search } from 'lucide-react'
import { useState } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { Button } from '#renderer/ui/button.tsx'
import { CutName } from '#renderer/ui/cut-name.tsx'
import { Icon } from '#renderer/ui/icon.tsx'
import { Menu } from '#renderer/ui/menu.tsx'
import { Roving } from '#renderer/ui/roving.tsx'
import { CommandItems } from '../commands/command-items.tsx'
import { detailsClosed, drawerMoved } from '../commands/windows-slice.ts'
import { ListFacts } from '../filters/list-facts.tsx'
import { QueryBar } from '../search/query-bar.tsx'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { LimitsButton } from '../status-bar/limits-button.tsx'
import { CommandButton } from './command-button.tsx'
import styles from './toolbar.module.css'

const ADD = [['add-file', 'add-link', 'paste']] as const
const ALL = [
  ['add-file', 'add-link', 'paste'],
  ['toggle-all', 'select-all', 'select-others', 'find', 'clear-filter'],
  ['sidebar', 'details'],
  ['palette', 'shortcuts', 'settings'],
] as const

export function Toolbar() {
  return (
    <header className={styles.bar} data-region="toolbar">
      <Roving role="toolbar" label="Actions" orientation="horizontal" className={styles.buttons}>
        <MainMenu />
        <AddMenu />
        <Separator />
        <TorrentButtons />
        <Separator />
        <CommandButton id="queue-up" />
        <CommandButton id="queue-down" />
      </Roving>
      <span className={styles.grow} />
      <QueryBar />
    </header>
  )
}

/** Narrow windows: what the list shows on top, actions in reach of the thumb at the bottom. */
export function TopBar() {
  const dispatch = useAppDispatch()
  const hasQuery = useAppSelector(state => state.filter.query !== '')
  const [isSearching, setSearching] = useState(hasQuery)
  return (
    <header className={classNames(styles.bar, styles.top)} data-region="toolbar">
      {isSearching ? (
        <>
          <Button look="plain" icon={ArrowLeft} hint="Back to all" onClick={() => setSearching(false)} />
          <QueryBar isOnlyGuest onLeave={() => setSearching(false)} />
        </>
      ) : (
        <>
          <Button look="plain" icon={PanelLeft} hint="Filters" onClick={() => dispatch(drawerMoved(true))} />
          <ListFacts />
          <span className={styles.grow} />
          <LimitsButton />
          <Button look="plain" icon={Search} hint="Filter the list" onClick={() => setSearching(true)} />
          <MainMenu />
        </>
      )}
    </header>
  )
}

/** Above the details of a narrow window: what they are about, and the way back. */
export function PageBar() {
  const dispatch = useAppDispatch()
  const name = useAppSelector(state => state.torrents.entities[state.selection.cursor ?? '']?.name ?? '')
  return (
    <header className={classNames(styles.bar, styles.top)} data-region="toolbar">
      <Button look="plain" icon={ArrowLeft} hint="Back to the list" onClick={() => dispatch(detailsClosed())} />
      <CutName name={name} className={styles.title} />
    </header>
  )
}

export function BottomBar() {
  return (
    <footer className={styles.bottom} data-region="actions">
      <Roving role="toolbar" label="Actions" orientation="horizontal" className={styles.thumbs}>
        <AddMenu />
        <TorrentButtons />
      </Roving>
    </footer>
  )
}

const TorrentButtons = () => (
  <>
    <CommandButton id="resume" word="Resume" />
    <CommandButton id="pause" word="Pause" />
    <CommandButton id="remove" word="Remove" />
  </>
)

const MainMenu = () => (
  <Menu trigger={<Button look="plain" icon={MenuIcon} aria-label="Menu" />}>
    <CommandItems groups={ALL} />
  </Menu>
)

const AddMenu = () => (
  <Menu
    trigger={
      <Button look="plain" icon={Plus}>
        <span>Add</span>
        <Icon of={ChevronDown} size="small" />
      </Button>
    }
  >
    <CommandItems groups={ADD} />
  </Menu>
)

const Separator = () => <span aria-hidden="true" className={styles.separator} />
