import type { ErrorCode } from '../../src-preload/contract/errors.ts'
import { invariant, UserError } from '../base/errors.ts'
import { nodeProcessHost } from '../base/nodeProcessHost.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { PolicyMoment } from './episodes.ts'
import type { EvaluationMessage } from './messages.ts'
import type { FromSimulator, SimulationJob, ToSimulator } from './simulatorMessages.ts'

/** Inside Electron this process is no plain Node, but a child of it can be. */
const asNode: Readonly<Record<string, string>> =
  process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }

interface Child {
  readonly handle: ChildHandle
  /** Jobs that it knows, by their numbers. */
  readonly jobs: Map<SimulationJob, number>
  answer: ((message: FromSimulator) => void) | null
  /** What is told when it ends by itself. */
  ended: ((reason: string) => void) | null
}

/** Evaluates in a child process, one evaluation after the other. A child that crashed or hung is replaced for the next one. */
export class Simulator {
  readonly #host: ProcessHost
  #child: Child | null = null
  #last: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(host: ProcessHost = nodeProcessHost()) {
    this.#host = host
  }

  /** Starts the child ahead of the first evaluation. */
  start(): void {
    if (!this.#closed) this.#child ??= this.#open()
  }

  /**
   * Evaluates a policy after those that were asked for before.
   * @throws the signal's reason at once when aborted, UserError in the simulator's words, Error when the process ended
   */
  evaluate(
    job: SimulationJob,
    at: PolicyMoment,
    tensors: HostTensors,
    signal: AbortSignal
  ): Promise<EvaluationMessage> {
    const turn = this.#last.then(() => this.#ask(job, at, tensors, signal))
    this.#last = turn.catch(() => undefined)
    return untilAborted(turn, signal)
  }

  async #ask(
    job: SimulationJob,
    at: PolicyMoment,
    tensors: HostTensors,
    signal: AbortSignal
  ): Promise<EvaluationMessage> {
    signal.throwIfAborted()
    invariant(!this.#closed, 'an evaluation was asked for after the simulator was closed')
    const child = (this.#child ??= this.#open())
    const send = (message: ToSimulator): void => child.handle.send(message)
    const cancel = (): void => send({ kind: 'cancel' })
    const answered = new Promise<FromSimulator>((resolve, reject) => {
      child.answer = resolve
      child.ended = reason => reject(new Error(reason))
    })
    signal.addEventListener('abort', cancel, { once: true })
    try {
      send({ kind: 'evaluate', job: this.#know(child, job), at, tensors })
      const answer = await answered
      if (answer.kind === 'evaluated') return answer.evaluation
      throw answer.code === null
        ? new Error(answer.reason)
        : new UserError(answer.code as ErrorCode, answer.reason)
    } finally {
      signal.removeEventListener('abort', cancel)
      child.answer = child.ended = null
    }
  }

  #know(child: Child, job: SimulationJob): number {
    const known = child.jobs.get(job) ?? child.jobs.size
    if (!child.jobs.has(job)) {
      child.jobs.set(job, known)
      child.handle.send({ kind: 'open', job: known, simulation: job } satisfies ToSimulator)
    }
    return known
  }

  #open(): Child {
    const handle = this.#host.start('simulator', { environment: asNode })
    const child: Child = { handle, jobs: new Map(), answer: null, ended: null }
    handle.onMessage(message => child.answer?.(message as FromSimulator))
    handle.onExit((code, signal) => {
      if (this.#child === child) this.#child = null
      child.ended?.(
        signal === null
          ? `its process ended with code ${code}`
          : `its process was ended by ${signal}, which also happens to one that gives no sign of life for 30 s`
      )
    })
    return child
  }

  /** Ends the child, in whatever it is. */
  close(): void {
    this.#closed = true
    this.#child?.handle.kill()
  }
}

/** A promise that also rejects when the signal aborts; what it waited for goes on unheard. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

let shared: { readonly simulator: Simulator; users: number } | null = null

/** The one simulator of this process: runs that train side by side in it evaluate one after the other. Release it when done. */
export function sharedSimulator(): { readonly simulator: Simulator; release(): void } {
  const here = (shared ??= { simulator: new Simulator(), users: 0 })
  here.users++
  return {
    simulator: here.simulator,
    release: () => {
      if (--here.users > 0) return
      here.simulator.close()
      if (shared === here) shared = null
    }
  }
}
