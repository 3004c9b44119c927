import type { RunProgress } from '../../src-preload/contract/runs.ts'
import { monotonicSeconds } from '../base/clock.ts'
import type { FromTrainer, MetricBlock } from './messages.ts'

/** Points go out at once, or together with others when the last batch left less than this long ago. */
const metricDelayMs = 50
/** Progress doubles as the sign of life. */
const progressEveryMs = 1000
const speedWindowSeconds = 5

type Progress = Omit<RunProgress, 'stepsPerSecond' | 'secondsLeft' | 'memoryBytes'>

interface OpenBlock {
  readonly steps: number[]
  readonly seconds: number[]
  readonly values: number[]
}

/** Sends what a trainer has to say: metric points in batches, progress once a second, the rest at once and in order. */
export class Reporter {
  readonly #send: (message: FromTrainer) => void
  readonly #blocks = new Map<string, OpenBlock>()
  readonly #heartbeat: NodeJS.Timeout
  #timer: NodeJS.Timeout | null = null
  #sentAt = 0
  #progress: Progress
  #activeSeconds: number
  #marks: { readonly at: number; readonly step: number }[] = []

  constructor(send: (message: FromTrainer) => void, totalSteps: number, step: number, activeSeconds: number) {
    this.#send = send
    this.#activeSeconds = activeSeconds
    this.#progress = {
      step,
      totalSteps,
      nextEvaluationStep: null,
      lastCheckpointStep: null,
      lastCheckpointAt: null,
      phase: 'starting'
    }
    this.#heartbeat = setInterval(() => this.sendProgress(), progressEveryMs)
  }

  /** Takes points of several curves at one step. */
  points(step: number, seconds: number, values: Readonly<Record<string, number>>, repeated = false): void {
    if (repeated) return this.#sayRepeated(step, seconds, values)
    for (const [key, value] of Object.entries(values)) {
      const block = this.#blocks.get(key) ?? { steps: [], seconds: [], values: [] }
      this.#blocks.set(key, block)
      block.steps.push(step)
      block.seconds.push(seconds)
      block.values.push(value)
    }
    const sinceMs = 1000 * (monotonicSeconds() - this.#sentAt)
    if (sinceMs >= metricDelayMs) this.sendPoints()
    else this.#timer ??= setTimeout(() => this.sendPoints(), metricDelayMs - sinceMs)
  }

  /** Points that an earlier process of the run may have sent: they go alone, so that those already stored are left out. */
  #sayRepeated(step: number, seconds: number, values: Readonly<Record<string, number>>): void {
    const blocks = Object.entries(values).map(([key, value]) => ({
      ...{ key, steps: [step], seconds: [seconds] },
      values: Float64Array.of(value)
    }))
    this.say({ kind: 'metrics', blocks, repeated: true })
  }

  /** Notes the position; the speed is taken over the last seconds, evaluation included. */
  advanced(step: number, activeSeconds: number, nextEvaluationStep: number | null): void {
    this.#activeSeconds = activeSeconds
    const at = monotonicSeconds()
    this.#marks.push({ at, step })
    while (this.#marks.length > 2 && this.#marks[1].at < at - speedWindowSeconds) this.#marks.shift()
    this.#progress = { ...this.#progress, step, nextEvaluationStep }
  }

  /** Changes what the next progress message says. */
  note(change: Partial<Pick<Progress, 'phase' | 'lastCheckpointStep' | 'lastCheckpointAt'>>): void {
    this.#progress = { ...this.#progress, ...change }
  }

  /** Sends a message after all points taken before it. */
  say(message: FromTrainer): void {
    this.sendPoints()
    this.#send(message)
  }

  sendProgress(): void {
    const { step, totalSteps } = this.#progress
    const [first, last] = [this.#marks[0], this.#marks.at(-1)]
    const speed = first && last && last.at > first.at ? (last.step - first.step) / (last.at - first.at) : 0
    const secondsLeft = speed > 0 ? (totalSteps - step) / speed : null
    const memoryBytes = process.memoryUsage.rss()
    const progress = { ...this.#progress, stepsPerSecond: speed, secondsLeft, memoryBytes }
    this.say({ kind: 'progress', progress, activeSeconds: this.#activeSeconds })
  }

  /** Sends the points that wait. */
  sendPoints(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#blocks.size === 0) return
    this.#sentAt = monotonicSeconds()
    const blocks: MetricBlock[] = [...this.#blocks].map(([key, { steps, seconds, values }]) => ({
      ...{ key, steps, seconds },
      values: Float64Array.from(values)
    }))
    this.#blocks.clear()
    this.#send({ kind: 'metrics', blocks })
  }

  /** Sends the remaining points and stops the heartbeat. */
  close(): void {
    this.sendPoints()
    clearInterval(this.#heartbeat)
  }
}
