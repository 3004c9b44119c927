import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { FromGroup, FromTrainer, ToTrainer, TrainingJob } from '../../../src-main/training/messages.ts'

/** A real trainer process that trains several jobs in one graph, and what each of them has said. */
export interface RunningGroup {
  readonly messages: ReadonlyMap<string, readonly FromTrainer[]>
  readonly exited: Promise<string | null>
  send(runId: string, message: ToTrainer): void
  kill(): void
  /** Resolves with the first message of a run, past or future, that fits; rejects when the process ends without one. */
  until(runId: string, fits: (message: FromTrainer) => boolean): Promise<FromTrainer>
}

/** @param jobs with different run ids and folders */
export function startGroup(jobs: readonly TrainingJob[]): RunningGroup {
  const child = nodeProcessHost().start('trainer')
  const messages = new Map<string, FromTrainer[]>(jobs.map(({ runId }) => [runId, []]))
  const waiting = new Set<() => void>()
  const reject = new Set<(error: Error) => void>()
  child.onMessage(received => {
    const { runId, message } = received as FromGroup
    messages.get(runId)!.push(message)
    waiting.forEach(look => look())
  })
  const exited = new Promise<string | null>(resolve =>
    child.onExit((code, signal) => {
      resolve(signal)
      const said = JSON.stringify([...messages].map(([id, list]) => [id, list.slice(-2)]))
      reject.forEach(fail => fail(new Error(`the trainer ended (${code}, ${signal}) after ${said}`)))
    })
  )
  const send = (runId: string, message: ToTrainer): void => child.send({ kind: 'to', runId, message })
  child.send({ kind: 'group', runIds: jobs.map(({ runId }) => runId) })
  for (const job of jobs) send(job.runId, { kind: 'start', job })
  return {
    ...{ messages, exited, send, kill: () => child.kill() },
    until: (runId, fits) =>
      new Promise((resolve, fail) => {
        reject.add(fail)
        const look = (): void => {
          const said = messages.get(runId)!.find(fits)
          if (said) resolve(said)
        }
        waiting.add(look)
        look()
      })
  }
}
