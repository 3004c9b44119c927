import { invariant } from '../base/errors.ts'
import { nodeProcessHost } from '../base/nodeProcessHost.ts'
import type { ProcessHost } from '../base/processHost.ts'
import type { HostTensors } from '../base/tensors.ts'
import {
  type EpisodeRange,
  evaluationFrom,
  type PlayedEpisodes,
  type PolicyMoment,
  rangesOf
} from './episodes.ts'
import type { EvaluationMessage } from './messages.ts'
import type { SimulationJob } from './simulatorMessages.ts'
import { type PolicyToPlay, SimulatorGone, SimulatorProcess } from './simulatorProcess.ts'

/** A range of episodes that waits for a process, or is played. */
interface Task {
  readonly policy: PolicyToPlay
  readonly range: EpisodeRange
  readonly signal: AbortSignal
  readonly resolve: (played: PlayedEpisodes) => void
  readonly reject: (error: unknown) => void
  /** Processes that ended over it. */
  ended: number
}

/** A range that ends so many processes is given up: what ends them lies in the episodes. */
const mostEnded = 2

/**
 * Evaluates in child processes that share out the episodes, ranges in the order in which they were asked for. Results do not
 * depend on the number of processes. One that ended is replaced, and its range is played again.
 */
export class Simulator {
  readonly #host: ProcessHost
  readonly #waiting: Task[] = []
  #processes: SimulatorProcess[] = []
  #most: number
  #closed = false

  /** @param most processes at the same time */
  constructor(host: ProcessHost = nodeProcessHost(), most = 1) {
    this.#host = host
    this.#most = most
  }

  /** Allows at least so many processes. */
  allow(most: number): void {
    this.#most = Math.max(this.#most, most)
    this.#share()
  }

  /** Starts a process ahead of the first evaluation. */
  start(): void {
    if (!this.#closed && this.#processes.length === 0) this.#open()
  }

  /**
   * Evaluates a policy after those that were asked for before.
   * @throws the signal's reason at once when aborted, UserError in the simulator's words, Error when processes ended
   */
  async evaluate(
    job: SimulationJob,
    at: PolicyMoment,
    tensors: HostTensors,
    signal: AbortSignal
  ): Promise<EvaluationMessage> {
    signal.throwIfAborted()
    invariant(!this.#closed, 'an evaluation was asked for after the simulator was closed')
    const policy = { job, at, tensors }
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const parts = rangesOf(job.setting.episodes).map(range => this.#play(policy, range, either))
    try {
      return evaluationFrom(job.setting, at, await untilAborted(Promise.all(parts), signal))
    } finally {
      failed.abort() // What is left of it need not be played.
    }
  }

  #play(policy: PolicyToPlay, range: EpisodeRange, signal: AbortSignal): Promise<PlayedEpisodes> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ policy, range, signal, resolve, reject, ended: 0 })
      this.#share()
    })
  }

  /** Gives waiting ranges to idle processes, and starts processes while there are more ranges than those. */
  #share(): void {
    while (this.#waiting.length > 0 && !this.#closed) {
      const [task] = this.#waiting
      const idle =
        this.#processes.find(process => !process.busy) ??
        (this.#processes.length < this.#most ? this.#open() : undefined)
      if (!idle && !task.signal.aborted) return
      this.#waiting.shift()
      if (task.signal.aborted) task.reject(task.signal.reason)
      else if (idle) void this.#run(idle, task)
    }
  }

  async #run(process: SimulatorProcess, task: Task): Promise<void> {
    try {
      task.resolve(await process.play(task.policy, task.range, task.signal))
    } catch (error) {
      const again = error instanceof SimulatorGone && ++task.ended < mostEnded && !this.#closed
      if (again) this.#waiting.unshift(task)
      else task.reject(error)
    } finally {
      this.#processes = this.#processes.filter(({ gone }) => !gone)
      this.#share()
    }
  }

  #open(): SimulatorProcess {
    const process = new SimulatorProcess(this.#host)
    this.#processes.push(process)
    return process
  }

  /** Ends the processes, in whatever they are. */
  close(): void {
    this.#closed = true
    for (const task of this.#waiting.splice(0)) task.reject(new Error('the simulator was closed'))
    for (const process of this.#processes) process.kill()
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

/**
 * The one simulator of this process, for all runs that train side by side in it. Release it when done.
 * @param most processes that it may have at the same time; the most that any user asked for counts
 */
export function sharedSimulator(most: number): { readonly simulator: Simulator; release(): void } {
  const here = (shared ??= { simulator: new Simulator(), users: 0 })
  here.users++
  here.simulator.allow(most)
  return {
    simulator: here.simulator,
    release: () => {
      if (--here.users > 0) return
      here.simulator.close()
      if (shared === here) shared = null
    }
  }
}
