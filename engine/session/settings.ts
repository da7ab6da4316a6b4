import { SETTING_RULES, type SettingKey, type Settings } from '#engine/api/settings.ts'
import { strictText, utf8 } from '#engine/base/bytes.ts'
import { assertNever, EngineError } from '#engine/base/errors.ts'
import type { Files } from '#engine/io/files.ts'

const MAX_SETTINGS_BYTES = 1024 * 1024

/** What has to be done when an option changes; most are simply read at the next tick or when they matter. */
type Effect = 'limits' | 'listen' | 'discovery' | 'none'

export const EFFECTS: { readonly [K in SettingKey]: Effect } = {
  downloadFolder: 'none',
  listenPort: 'listen',
  limitDown: 'limits',
  limitUp: 'limits',
  maxActiveDownloads: 'none',
  maxPeers: 'none',
  maxPeersPerTorrent: 'none',
  uploadSlots: 'none',
  // Memory is laid out when the engine starts.
  cacheMiB: 'none',
  startAdded: 'none',
  askOnAdd: 'none',
  portMapping: 'discovery',
  encryption: 'none',
  dht: 'discovery',
  lsd: 'discovery',
  pex: 'none',
  allowLocalTrackers: 'none',
}

const KEYS = Object.keys(SETTING_RULES) as SettingKey[]

/** A path that means the same whatever the current folder is: POSIX, drive letter or UNC. */
export const isAbsolutePath = (path: string): boolean => /^(?:\/|[a-z]:[\\/]|\\\\)/i.test(path) && !path.includes('\0')

/** Why `value` cannot be `key`, as a sentence; `undefined` when it can. */
function settingProblem(key: SettingKey, value: unknown): string | undefined {
  const rule = SETTING_RULES[key]
  switch (rule.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${key} is either on or off.`
    case 'choice':
      return rule.choices.some(choice => choice === value)
        ? undefined
        : `${key} must be one of ${rule.choices.join(', ')}.`
    case 'path':
      return typeof value === 'string' && isAbsolutePath(value) ? undefined : `${key} must be a full path.`
    case 'number':
      return Number.isInteger(value) && (value as number) >= rule.min && (value as number) <= rule.max
        ? undefined
        : `${key} must be a whole number from ${rule.min} to ${rule.max}.`
    default:
      return assertNever(rule)
  }
}

export function defaultSettings(downloadFolder: string): Settings {
  const defaults: Record<string, unknown> = { downloadFolder }
  for (const key of KEYS) {
    const rule = SETTING_RULES[key]
    if (rule.type !== 'path') defaults[key] = rule.default
  }
  return defaults as unknown as Settings
}

/** The options in force and their file. */
export class SettingsStore {
  readonly #files: Files
  readonly #path: string
  #saved: Settings
  /** For this process only; never saved. */
  #overrides: Partial<Settings>

  private constructor(files: Files, path: string, saved: Settings, overrides: Partial<Settings>) {
    this.#files = files
    this.#path = path
    this.#saved = saved
    this.#overrides = overrides
  }

  /** A file that cannot be read is set aside, and a sentence for people says so. */
  static async load(
    files: Files,
    path: string,
    defaults: Settings,
    overrides: Partial<Settings> = {},
  ): Promise<{ settings: SettingsStore; problem: string | undefined }> {
    const { values, isDamaged } = await readSettings(files, path)
    if (isDamaged) await files.rename(path, `${path}.damaged`)
    const problem = isDamaged
      ? `The settings could not be read completely. What was readable is in force; the file was kept as ${path}.damaged.`
      : undefined
    return { settings: new SettingsStore(files, path, { ...defaults, ...values }, overrides), problem }
  }

  get current(): Settings {
    return { ...this.#saved, ...this.#overrides }
  }

  /**
   * All or nothing; saved when settled.
   * @returns the keys whose value in force changed
   * @throws EngineError INVALID_INPUT, DISK_*
   */
  async update(changes: Partial<Settings>): Promise<readonly SettingKey[]> {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined) as [SettingKey, unknown][]
    for (const [key, value] of given) {
      const problem = KEYS.includes(key) ? settingProblem(key, value) : `There is no setting ${key}.`
      if (problem) throw new EngineError('INVALID_INPUT', 'input', problem)
    }
    const before = this.current
    const saved = { ...this.#saved, ...(Object.fromEntries(given) as Partial<Settings>) }
    await this.#files.writeAtomic(this.#path, utf8(`${JSON.stringify(saved, undefined, 2)}\n`))
    this.#saved = saved
    const overrides = Object.entries(this.#overrides).filter(([key]) => !given.some(([one]) => one === key))
    this.#overrides = Object.fromEntries(overrides)
    const after = this.current
    return KEYS.filter(key => before[key] !== after[key])
  }
}

/** Every value that is there and may stand. */
async function readSettings(files: Files, path: string): Promise<{ values: Partial<Settings>; isDamaged: boolean }> {
  if (!(await files.stat(path))) return { values: {}, isDamaged: false }
  let parsed: unknown
  try {
    parsed = JSON.parse(strictText(await files.read(path, MAX_SETTINGS_BYTES)) ?? '')
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code !== 'DISK_IO') throw thrown
    return { values: {}, isDamaged: true }
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return { values: {}, isDamaged: true }
  const found = KEYS.filter(key => Object.hasOwn(parsed, key)).map(key => [key, (parsed as Settings)[key]] as const)
  const good = found.filter(([key, value]) => settingProblem(key, value) === undefined)
  return { values: Object.fromEntries(good), isDamaged: good.length < found.length }
}
