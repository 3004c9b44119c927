import { ContractError } from '../../src-preload/contract/client.ts'
import { UserError } from '../base/errors.ts'

/** What the process tells its caller; part of the command line's interface. */
export const exitCodes = {
  ok: 0,
  /** A bug of ours; the stack is on standard error. */
  internal: 1,
  /** An unknown command or option, or a value of the wrong form. */
  usage: 2,
  /** The input was understood and refused: a bad file, a bad setting, a thing that is not there. */
  refused: 3,
  /** Training ran and a run failed, diverged or was interrupted. */
  runFailed: 4,
  /** The home folder is in use and its host does not answer, or the connection to it broke. */
  unreachable: 5,
  /** Ctrl+C. */
  cancelled: 130
} as const

/** The table of exit codes as `--help` shows it. */
export const exitCodeHelp = `
Exit codes:
  0    done
  1    internal error
  2    unknown command or option
  3    refused: a bad file, a bad setting, something that is not there
  4    a run failed, diverged or was interrupted
  5    the home folder is in use and its host does not answer
  130  cancelled with Ctrl+C`

/** The command was stopped by the person. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
}

/** Exit code of anything that a command threw. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Cancelled) return exitCodes.cancelled
  if (!(error instanceof UserError || error instanceof ContractError)) return exitCodes.internal
  if (error.code === 'internal') return exitCodes.internal
  return error.code === 'store-locked' || error.code === 'closed' ? exitCodes.unreachable : exitCodes.refused
}
