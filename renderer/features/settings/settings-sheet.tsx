import { X } from 'lucide-react'
import { useRef, useState } from 'react'
import type { SettingKey, Settings } from '#engine/api/settings.ts'
import { classNames } from '#renderer/lib/class-names.ts'
import { plural } from '#renderer/lib/plural.ts'
import { Button } from '#renderer/ui/button.tsx'
import { SearchField } from '#renderer/ui/field.tsx'
import { Roving } from '#renderer/ui/roving.tsx'
import { Sheet } from '#renderer/ui/sheet.tsx'
import { sheetClosed } from '../commands/windows-slice.ts'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { defaultOf, findSettings, isChanged, PAGES, SETTINGS, type Page, type SettingItem } from './setting-list.ts'
import { SettingRow } from './setting-row.tsx'
import styles from './settings.module.css'
import { useSettingChanges } from './use-setting-changes.ts'

export function SettingsSheet() {
  const settings = useAppSelector(state => state.settings)
  return settings && <Preferences settings={settings} />
}

/** Pages at the left, a search over all of them, every value saved as it is changed. */
function Preferences({ settings }: { settings: Settings }) {
  const dispatch = useAppDispatch()
  const [page, setPage] = useState<Page>('Downloads')
  const [query, setQuery] = useState('')
  const search = useRef<HTMLInputElement>(null)
  const { values, problems, change } = useSettingChanges(settings)
  const mapping = useAppSelector(state => (values.portMapping ? state.session?.portMapping.text : undefined))
  const changedOn = (of: Page) => SETTINGS.filter(item => item.page === of && isChanged(item.key, values[item.key]))
  const isSearching = query.trim() !== ''
  const found = findSettings(query)
  const shownPages = isSearching ? PAGES.filter(of => found.some(item => item.page === of)) : [page]
  return (
    <Sheet title="Preferences" bare width="settings" onClose={() => dispatch(sheetClosed())} initialFocus={search}>
      <div className={styles.settings}>
        <div className={styles.pages}>
          <SearchField
            label="Search settings"
            placeholder="Search settings"
            className={styles.search}
            inputRef={search}
            value={query}
            onValue={setQuery}
          />
          <Roving role="navigation" label="Pages" orientation="vertical" className={styles.list}>
            {PAGES.map(of => (
              <button
                key={of}
                type="button"
                className={classNames(styles.page, !isSearching && of === page && styles.open)}
                aria-current={!isSearching && of === page ? 'page' : undefined}
                onClick={() => {
                  setQuery('')
                  setPage(of)
                }}
              >
                <span>{of}</span>
                {changedOn(of).length > 0 && (
                  <span
                    className={styles.count}
                    title={plural(changedOn(of).length, 'setting changed', 'settings changed')}
                  >
                    {changedOn(of).length}
                  </span>
                )}
              </button>
            ))}
          </Roving>
          <p className={styles.saved}>Saved as you change it. A dot marks what is not the default.</p>
        </div>
        <div className={styles.body}>
          <Button
            look="plain"
            icon={X}
            hint="Close preferences"
            className={styles.close}
            onClick={() => dispatch(sheetClosed())}
          />
          {shownPages.map(of => (
            <section key={of} aria-label={of}>
              <PageHead page={of} changed={changedOn(of)} onReset={keys => change(defaultsOf(keys))} />
              {(isSearching ? found : SETTINGS)
                .filter(item => item.page === of)
                .map(item => (
                  <SettingRow
                    key={item.key}
                    item={item}
                    value={values[item.key]}
                    refusal={problems[item.key]}
                    outcome={item.key === 'portMapping' ? mapping : undefined}
                    onChange={value => change({ [item.key]: value })}
                  />
                ))}
            </section>
          ))}
          {shownPages.length === 0 && <p className={styles.none}>No setting is called that.</p>}
        </div>
      </div>
    </Sheet>
  )
}

const defaultsOf = (keys: readonly SettingKey[]): Partial<Settings> =>
  Object.fromEntries(keys.flatMap(key => (defaultOf(key) === undefined ? [] : [[key, defaultOf(key)]])))

interface PageHeadProps {
  readonly page: Page
  readonly changed: readonly SettingItem[]
  readonly onReset: (keys: readonly SettingKey[]) => void
}

function PageHead({ page, changed, onReset }: PageHeadProps) {
  return (
    <div className={styles.pageHead}>
      <h2>{page}</h2>
      {changed.length > 1 && (
        <Button look="link" onClick={() => onReset(changed.map(item => item.key))}>
          Reset {plural(changed.length, 'change', 'changes')}
        </Button>
      )}
    </div>
  )
}
