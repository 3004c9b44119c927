import { now } from './clock.ts'

/** Where a host writes what happened; one line a message, errors with their stack. */
export interface Log {
  info(text: string): void
  warning(text: string): void
  error(text: string, error?: unknown): void
}

/** A log that writes lines such as `2026-01-31T12:00:00.000Z warning text` with the given function. */
export function lineLog(write: (line: string) => void): Log {
  const line = (level: string, text: string) => write(`${new Date(now()).toISOString()} ${level} ${text}\n`)
  return {
    info: text => line('info', text),
    warning: text => line('warning', text),
    error: (text, error) => line('error', error === undefined ? text : `${text}: ${stackOf(error)}`)
  }
}

/** Stack of an error, or the text of anything else that was thrown. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
