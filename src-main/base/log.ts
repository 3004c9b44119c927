import { now } from './clock.ts'
import { visible, visibleLine } from './visible.ts'

/** Where a host writes what happened; one line a message, errors with their stack. */
export interface Log {
  info(text: string): void
  warning(text: string): void
  error(text: string, error?: unknown): void
}

/**
 * A log that writes lines such as `2026-01-31T12:00:00.000Z warning text` with the given function. A message is one line
 * whatever names it holds, so that none can pass for another; stacks keep theirs.
 */
export function lineLog(write: (line: string) => void): Log {
  const line = (level: string, text: string) => write(`${new Date(now()).toISOString()} ${level} ${text}\n`)
  return {
    info: text => line('info', visibleLine(text)),
    warning: text => line('warning', visibleLine(text)),
    error: (text, error) =>
      line('error', `${visibleLine(text)}${error === undefined ? '' : `: ${visible(stackOf(error))}`}`)
  }
}

/** Stack of an error, or the text of anything else that was thrown. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
