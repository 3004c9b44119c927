import type { ParentChannel } from '../base/parentChannel.ts'
import { engineById } from '../compute/index.ts'
import { LaneGroup } from '../compute/stacked/laneGroup.ts'
import { CommonPace } from './commonPace.ts'
import { DataSource } from './dataSource.ts'
import type { FromGroup, FromTrainer, ToTrainer } from './messages.ts'
import { failure, TrainingRun } from './trainingRun.ts'

type Channel = Pick<ParentChannel, 'send' | 'flush'>

/** Several runs that train as one graph in one process. To the outside each is a run like any other. */
export class GroupTraining {
  readonly #channel: Channel
  readonly #waiting: Set<string>
  readonly #runs = new Map<string, { readonly run: TrainingRun; readonly engine: string }>()
  readonly #complete: () => void
  readonly #started: Promise<void>

  constructor(runIds: readonly string[], channel: Channel) {
    this.#channel = channel
    this.#waiting = new Set(runIds)
    let complete = (): void => undefined
    this.#started = new Promise(resolve => (complete = resolve))
    this.#complete = complete
    process.setMaxListeners(process.getMaxListeners() + runIds.length) // Each run frees its lock at exit.
  }

  /** A message for one of the runs. */
  receive(runId: string, message: ToTrainer): void {
    if (message.kind === 'start') {
      const run = new TrainingRun(message.job, this.#channelOf(runId))
      this.#runs.set(runId, { run, engine: message.job.engine })
      this.#waiting.delete(runId)
      if (this.#waiting.size === 0) this.#complete()
      return
    }
    const run = this.#runs.get(runId)?.run
    if (message.kind === 'stored') run?.stored(message.sequence)
    else if (message.kind === 'pause' || message.kind === 'stop') run?.leave(message.kind)
  }

  /** Asks all runs for a checkpoint and the end. */
  leave(how: 'pause' | 'stop'): void {
    this.#complete()
    this.#runs.forEach(({ run }) => run.leave(how))
  }

  /** Trains all runs to their ends; never rejects. */
  async run(): Promise<void> {
    await this.#started
    const runs = [...this.#runs.entries()]
    try {
      await this.#train(runs.map(([, { run }]) => run))
    } catch (error) {
      for (const [runId] of runs) {
        const send = (message: FromTrainer): void => this.#channelOf(runId).send(message)
        send(failure(error, send))
      }
    }
  }

  async #train(runs: readonly TrainingRun[]): Promise<void> {
    const [{ engine }] = this.#runs.values()
    const pace = new CommonPace()
    const group = new LaneGroup(await engineById(engine), runs.length, {
      called: (steps, seconds) => pace.called(steps, seconds),
      apart: reason => {
        const text = `These runs cannot train in one graph: ${reason}. Each trains by itself, one after another.`
        runs.forEach(run => run.say('warning', text))
      }
    })
    const source = new DataSource()
    const adaptCallSteps = (): number => pace.callSteps
    await Promise.all(
      runs.map(async run => {
        const lane = group.join()
        await run.run({ source, engine: lane.engine, adaptCallSteps })
        lane.leave()
      })
    )
  }

  #channelOf(runId: string): Channel {
    return {
      send: message =>
        this.#channel.send({ kind: 'from', runId, message: message as FromTrainer } satisfies FromGroup),
      flush: () => this.#channel.flush()
    }
  }
}
