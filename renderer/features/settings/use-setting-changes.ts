import { useState } from 'react'
import type { SettingKey, Settings } from '#engine/api/settings.ts'
import { useEngine } from '../services.ts'
import { failureText } from '../use-attempt.ts'

export interface SettingChanges {
  /** What the engine has, and over it what is on its way there. */
  readonly values: Settings
  /** Why the engine refused the last value, by setting. */
  readonly problems: Partial<Record<SettingKey, string>>
  readonly change: (changes: Partial<Settings>) => void
}

/** Saves on change. A choice shows at once and stays until the engine confirms it by a frame, or refuses it. */
export function useSettingChanges(settings: Settings): SettingChanges {
  const engine = useEngine()
  const [pending, setPending] = useState<Partial<Settings>>({})
  const [problems, setProblems] = useState<Partial<Record<SettingKey, string>>>({})
  const [seen, setSeen] = useState(settings)
  if (seen !== settings) {
    setSeen(settings)
    const open = Object.entries(pending).filter(([key, value]) => settings[key as SettingKey] !== value)
    setPending(Object.fromEntries(open))
  }
  const change = (changes: Partial<Settings>) => {
    const keys = Object.keys(changes) as SettingKey[]
    const without = <T extends object>(of: T): Partial<T> =>
      Object.fromEntries(Object.entries(of).filter(([key]) => !keys.includes(key as SettingKey))) as Partial<T>
    setPending(before => ({ ...before, ...changes }))
    setProblems(before => without(before))
    engine.call('settings.update', { changes }).catch((error: unknown) => {
      setPending(before => without(before))
      setProblems(before => ({ ...before, ...Object.fromEntries(keys.map(key => [key, failureText(error)])) }))
    })
  }
  return { values: { ...settings, ...pending }, problems, change }
}
