import type { ErrorCode } from '../../src-preload/contract/errors.ts'

/**
 * An error meant for the person in front of the screen: a bad file, a bad setting, a full disk.
 * Everything else that is thrown is a bug and keeps its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  /**
   * @param code one of the closed list in the contract
   * @param message one sentence: the value, the place and the next step
   * @param details plain JSON values that help a program react (paths, counts, limits)
   */
  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}

/**
 * Stops on a state that can only be a bug of ours, never bad user data.
 * @throws Error with the message when the condition is false
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`)
}

/** Text of anything that was thrown, for logs and messages. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
