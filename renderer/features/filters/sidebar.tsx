import { ChevronDown, ChevronRight, Globe, GlobeOff, TextAlignJustify, type LucideIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { classNames } from '#renderer/lib/class-names.ts'
import { formatCount } from '#renderer/lib/format.ts'
import { Icon } from '#renderer/ui/icon.tsx'
import { Roving } from '#renderer/ui/roving.tsx'
import { useAppDispatch, useAppSelector } from '../services.ts'
import { GLYPHS } from '../torrents/status-icon.tsx'
import { GROUPS, type Glyph, type Group } from '../torrents/status.ts'
import { selectCounts } from '../torrents/visible-ids.ts'
import { groupChosen, trackerChosen } from './filter-slice.ts'
import { GROUP_LABELS } from './filter-words.ts'
import styles from './sidebar.module.css'

const GROUP_GLYPHS: Record<Group, Glyph> = {
  downloading: 'down',
  seeding: 'up',
  done: 'done',
  stalled: 'stalled',
  queued: 'queued',
  checking: 'checking',
  paused: 'paused',
  attention: 'warning',
}

/** States that add up to All, and trackers. A line that stands for nothing is not there. */
export function Sidebar({ onChosen }: { onChosen?: () => void }) {
  const dispatch = useAppDispatch()
  const { all, groups, trackers } = useAppSelector(selectCounts)
  const { group, tracker } = useAppSelector(state => state.filter)
  const choose = (action: ReturnType<typeof groupChosen> | ReturnType<typeof trackerChosen>) => {
    dispatch(action)
    onChosen?.()
  }
  return (
    <Roving role="navigation" label="Filters" orientation="vertical" className={styles.sidebar} region="sidebar">
      <Section title="State" isFirst>
        <Line
          icon={TextAlignJustify}
          label="All"
          count={all}
          isOn={group === null && tracker === null}
          onChoose={() => choose(groupChosen(null))}
        />
        {GROUPS.filter(name => groups[name] > 0 || name === group).map(name => (
          <Line
            key={name}
            icon={GLYPHS[GROUP_GLYPHS[name]]}
            label={GROUP_LABELS[name]}
            count={groups[name]}
            isOn={group === name}
            isAlarm={name === 'attention'}
            onChoose={() => choose(groupChosen(group === name ? null : name))}
          />
        ))}
      </Section>
      {trackers.length > 0 && (
        <Section title="Trackers">
          {trackers.map(([host, count]) => (
            <Line
              key={host}
              icon={host === '' ? GlobeOff : Globe}
              label={host === '' ? 'No tracker' : host}
              count={count}
              isOn={tracker === host}
              onChoose={() => choose(trackerChosen(host))}
            />
          ))}
        </Section>
      )}
    </Roving>
  )
}

function Section({ title, isFirst = false, children }: { title: string; isFirst?: boolean; children: ReactNode }) {
  const [isOpen, setOpen] = useState(true)
  return (
    <section className={classNames(styles.section, isFirst && styles.first)} aria-label={title}>
      <h2>
        <button type="button" className={styles.fold} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon of={isOpen ? ChevronDown : ChevronRight} size="small" />
          {title}
        </button>
      </h2>
      {isOpen && <ul>{children}</ul>}
    </section>
  )
}

interface LineProps {
  readonly icon: LucideIcon
  readonly label: string
  readonly count: number
  readonly isOn: boolean
  readonly isAlarm?: boolean
  readonly onChoose: () => void
}

function Line({ icon, label, count, isOn, isAlarm = false, onChoose }: LineProps) {
  return (
    <li>
      <button type="button" className={styles.line} aria-pressed={isOn} title={label} onClick={onChoose}>
        <Icon of={icon} className={isAlarm ? styles.alarm : undefined} />
        <span>{label}</span>
        {count > 0 && <b>{formatCount(count)}</b>}
      </button>
    </li>
  )
}
