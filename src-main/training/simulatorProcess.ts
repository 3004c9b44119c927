import type { ErrorCode } from '../../src-preload/contract/errors.ts'
import { UserError } from '../base/errors.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { EpisodeRange, PlayedEpisodes, PolicyMoment } from './episodes.ts'
import type { FromSimulator, SimulationJob, ToSimulator } from './simulatorMessages.ts'

/** Inside Electron this process is no plain Node, but a child of it can be. */
const asNode: Readonly<Record<string, string>> =
  process.versions.electron === undefined ? {} : { ELECTRON_RUN_AS_NODE: '1' }

/** A policy whose episodes are played: one object for all of its ranges. */
export interface PolicyToPlay {
  readonly job: SimulationJob
  readonly at: PolicyMoment
  readonly tensors: HostTensors
}

/** The simulator's process ended before it answered. */
export class SimulatorGone extends Error {
  override readonly name = 'SimulatorGone'
}

/** One simulator process; it plays one range of episodes at a time. */
export class SimulatorProcess {
  readonly #handle: ChildHandle
  /** Jobs that it knows, by their numbers. */
  readonly #jobs = new Map<SimulationJob, number>()
  /** Whose parameters it has. */
  #bound: PolicyToPlay | null = null
  #answer: ((message: FromSimulator) => void) | null = null
  #ended: ((reason: string) => void) | null = null
  #gone = false

  constructor(host: ProcessHost) {
    this.#handle = host.start('simulator', { environment: asNode })
    this.#handle.onMessage(message => this.#answer?.(message as FromSimulator))
    this.#handle.onExit((code, signal) => {
      this.#gone = true
      this.#ended?.(
        signal === null
          ? `its process ended with code ${code}`
          : `its process was ended by ${signal}, which also happens to one that gives no sign of life for 30 s`
      )
    })
  }

  /** True once the process has ended. */
  get gone(): boolean {
    return this.#gone
  }

  /** True while a range is played. */
  get busy(): boolean {
    return this.#answer !== null
  }

  /**
   * Plays a range of a policy's episodes.
   * @throws UserError or Error in the simulator's words, also when aborted; SimulatorGone when the process ended
   */
  async play(policy: PolicyToPlay, range: EpisodeRange, signal: AbortSignal): Promise<PlayedEpisodes> {
    const cancel = (): void => this.#send({ kind: 'cancel' })
    const answered = new Promise<FromSimulator>((resolve, reject) => {
      this.#answer = resolve
      this.#ended = reason => reject(new SimulatorGone(reason))
    })
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const tensors = this.#bound === policy ? null : policy.tensors
      this.#send({ kind: 'play', job: this.#know(policy.job), at: policy.at, range, tensors })
      this.#bound = null // Until it has answered, nobody knows whether it has them.
      const answer = await answered
      if (answer.kind === 'failed')
        throw answer.code === null
          ? new Error(answer.reason)
          : new UserError(answer.code as ErrorCode, answer.reason)
      this.#bound = policy
      return answer.played
    } finally {
      signal.removeEventListener('abort', cancel)
      this.#answer = this.#ended = null
    }
  }

  #know(job: SimulationJob): number {
    const known = this.#jobs.get(job) ?? this.#jobs.size
    if (!this.#jobs.has(job)) {
      this.#jobs.set(job, known)
      this.#send({ kind: 'open', job: known, simulation: job })
    }
    return known
  }

  #send(message: ToSimulator): void {
    this.#handle.send(message)
  }

  /** Ends the process, in whatever it is. */
  kill(): void {
    this.#handle.kill()
  }
}
