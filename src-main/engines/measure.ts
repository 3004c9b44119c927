/** Measures engines side by side: a throw-away process for each, which train in turns, so that a busy machine slows all alike. */
import { messageOf } from '../base/errors.ts'
import { environmentFor } from '../compute/onnx/cudaLibraries.ts'
import type { ChildHandle, ProcessHost } from '../base/processHost.ts'
import type { Contestant, Measurer, Result } from './choice.ts'
import type { MeasuredSize } from '../../src-preload/contract/engines.ts'
import type { Precision } from '../../src-preload/contract/precision.ts'
import type { FromMeasuring, ToMeasuring } from './measureMessages.ts'

/** Turns of each contestant, and how long each lasts: some 1.6 s of training in total. */
const rounds = 4
const windowSeconds = 0.4

/** Compiling a large network with XLA takes this long at most; then the engine counts as failed. */
const longestStartMs = 120_000
const longestWindowMs = 30_000

/**
 * What native libraries read when they start: how many threads they use, and whether products on a GPU are in TF32. A variable of
 * the person's own must not change what a run computes. TensorFlow's threads are set by its engine.
 */
export const processEnvironment = (
  threads: number,
  precision: Precision
): Readonly<Record<string, string>> => ({
  OMP_NUM_THREADS: String(threads),
  NVIDIA_TF32_OVERRIDE: precision === 'tf32' ? '1' : '0'
})

/** Measures with processes of this host. */
export function createMeasurer(processes: ProcessHost): Measurer {
  return async (size, contestants, say, signal) => {
    const probes = contestants.map(contestant => new Probe(contestant))
    const stop = (): void => probes.forEach(probe => probe.close())
    signal.addEventListener('abort', stop)
    try {
      for (const [i, probe] of probes.entries()) {
        if (signal.aborted) break
        say(`compiling with ${probe.name}`, (0.7 * i) / probes.length)
        await probe.start(processes, size)
      }
      for (let round = 0; round < rounds && !signal.aborted; round++) {
        say('training in turns', 0.7 + (0.3 * round) / rounds)
        for (const probe of probes) await probe.window()
      }
      return probes.map(probe => probe.result())
    } finally {
      signal.removeEventListener('abort', stop)
      stop()
    }
  }
}

/** One contestant in its process. */
class Probe {
  readonly #contestant: Contestant
  readonly #speeds: number[] = []
  #child: ChildHandle | null = null
  #ready: Extract<FromMeasuring, { kind: 'ready' }> | null = null
  #reason: string | null = null
  /** How its process ended; null while it lives. */
  #ended: FromMeasuring | null = null
  #answer: (message: FromMeasuring) => void = () => undefined

  constructor(contestant: Contestant) {
    this.#contestant = contestant
  }

  get name(): string {
    const { engine, precision } = this.#contestant
    return precision === 'float32' ? engine : `${engine} in ${precision}`
  }

  /** Compiles and warms up; a failure is kept for the result. */
  async start(processes: ProcessHost, size: MeasuredSize): Promise<void> {
    try {
      const { engine, precision } = this.#contestant
      const environment = { ...processEnvironment(size.threads, precision), ...environmentFor(engine) }
      const child = processes.start('speedProbe', { environment })
      this.#child = child
      child.onMessage(message => this.#answer(message as FromMeasuring))
      child.onExit((code, signal) => {
        const how = signal ?? `exit code ${code ?? 'unknown'}`
        this.#ended = { kind: 'failed', reason: `its process ended early (${how})` }
        this.#answer(this.#ended)
      })
    } catch (error) {
      this.#fail(messageOf(error))
      return
    }
    const started = await this.#ask({ kind: 'start', ...this.#contestant, size }, longestStartMs)
    if (started.kind === 'ready') this.#ready = started
    else this.#fail(started.kind === 'failed' ? started.reason : 'it answered something else')
  }

  /** One turn; a contestant that has failed passes. */
  async window(): Promise<void> {
    if (this.#reason !== null) return
    const answer = await this.#ask({ kind: 'window', seconds: windowSeconds }, longestWindowMs)
    if (answer.kind === 'speed') this.#speeds.push(answer.stepsPerSecond)
    else this.#fail(answer.kind === 'failed' ? answer.reason : 'it answered something else')
  }

  result(): Result {
    if (this.#reason !== null || this.#ready === null)
      return { ...this.#contestant, stepsPerSecond: null, compileSeconds: null, reason: this.#reason }
    const { compileSeconds, execution } = this.#ready
    const speed = { stepsPerSecond: median(this.#speeds), compileSeconds, reason: null }
    return { ...this.#contestant, ...speed, ...(execution && { execution }) }
  }

  close(): void {
    this.#child?.kill()
  }

  #fail(reason: string): void {
    this.#reason = reason
    this.close()
  }

  #ask(message: ToMeasuring, longestMs: number): Promise<FromMeasuring> {
    if (this.#ended !== null) return Promise.resolve(this.#ended)
    return new Promise(resolve => {
      const late = (): void =>
        resolve({ kind: 'failed', reason: `it did not answer within ${longestMs / 1000} s` })
      const timer = setTimeout(late, longestMs)
      this.#answer = answer => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.#child?.send(message)
    })
  }
}

/** To four digits; null of nothing. */
function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
  return Number(middle.toPrecision(4))
}
