import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { ChildHandle, ProcessHost } from '../../../src-main/base/processHost.ts'
import type { FromTrainer, ToTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { temporaryFolder, tinyConfig } from './support.ts'

/** A job for a dataset folder, in a new run folder. */
export function jobFor(datasetFolder: string, change: Partial<TrainingJob> = {}): TrainingJob {
  const config = { ...tinyConfig, ...change.config }
  return {
    ...{ runId: 'run', folder: temporaryFolder(), datasetFolder, algorithm: 'bc', seed: 3, engine: 'eager' },
    ...{ threads: 1, precision: 'float32', environmentId: null, resume: false },
    ...change,
    config
  }
}

/** As the supervisor gives them, and the host that starts it. */
type StartOptions = NonNullable<Parameters<ProcessHost['start']>[1]> & { readonly host?: ProcessHost }

/** A real trainer process and everything it has said. */
export interface RunningTrainer {
  readonly child: ChildHandle
  readonly messages: readonly FromTrainer[]
  readonly exited: Promise<{ code: number | null; signal: string | null }>
  send(message: ToTrainer): void
  /** Resolves with the first message, past or future, that fits; rejects when the process ends without one. */
  until(fits: (message: FromTrainer) => boolean): Promise<FromTrainer>
}

export function startTrainer(
  job: TrainingJob,
  { host = nodeProcessHost(), ...options }: StartOptions = {}
): RunningTrainer {
  const child = host.start('trainer', options)
  const messages: FromTrainer[] = []
  const waiting: {
    fits: (message: FromTrainer) => boolean
    resolve: (message: FromTrainer) => void
    reject: (error: Error) => void
  }[] = []
  child.onMessage(received => {
    const message = received as FromTrainer
    messages.push(message)
    for (const waiter of [...waiting]) if (waiter.fits(message)) waiter.resolve(message)
  })
  const exited = new Promise<{ code: number | null; signal: string | null }>(resolve =>
    child.onExit((code, signal) => {
      resolve({ code, signal })
      const said = JSON.stringify(messages.slice(-3))
      for (const { reject } of waiting)
        reject(new Error(`the trainer ended (${code}, ${signal}) after ${said}`))
    })
  )
  child.send({ kind: 'start', job })
  return {
    ...{ child, messages, exited },
    send: message => child.send(message),
    until: fits =>
      new Promise((resolve, reject) => {
        const said = messages.find(fits)
        if (said) resolve(said)
        else waiting.push({ fits, resolve, reject })
      })
  }
}

/** Runs a job to its end; returns what it said. */
export async function runToEnd(
  job: TrainingJob,
  options: StartOptions = {}
): Promise<readonly FromTrainer[]> {
  const trainer = startTrainer(job, options)
  await trainer.exited
  return trainer.messages
}

export const ofKind = <K extends FromTrainer['kind']>(messages: readonly FromTrainer[], kind: K) =>
  messages.filter((message): message is Extract<FromTrainer, { kind: K }> => message.kind === kind)

/** All points by curve, in the order in which they came. */
export function curvesOf(messages: readonly FromTrainer[]): Record<string, [number, number][]> {
  const curves: Record<string, [number, number][]> = {}
  for (const { blocks } of ofKind(messages, 'metrics')) {
    for (const { key, steps, values } of blocks)
      (curves[key] ??= []).push(...steps.map((step, i): [number, number] => [step, values[i]]))
  }
  return curves
}
