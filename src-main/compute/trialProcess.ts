import type { ChildHandle } from '../base/processHost.ts'

/** How a process that may be lost came out: its first message, or the way in which it gave none. */
export type TrialOutcome = { readonly answer: unknown } | { readonly late: true } | { readonly ended: string }

/**
 * Waits for the only message of a trial process, however it ends, and ends it.
 * @param question sent first, where the process waits for one
 */
export function outcomeOf(
  child: ChildHandle,
  secondsAtMost: number,
  question?: unknown
): Promise<TrialOutcome> {
  return new Promise(resolve => {
    const end = (outcome: TrialOutcome): void => {
      clearTimeout(timer)
      child.kill()
      resolve(outcome)
    }
    const timer = setTimeout(() => end({ late: true }), secondsAtMost * 1000)
    child.onMessage(answer => end({ answer }))
    child.onExit((code, signal) => end({ ended: signal ?? `exit code ${code}` }))
    if (question !== undefined) child.send(question)
  })
}
