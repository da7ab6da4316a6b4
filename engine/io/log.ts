export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What happened, for people who look later. Never a passkey, never a whole URL of a tracker. */
export interface Log {
  write(level: LogLevel, area: string, text: string): void
}
