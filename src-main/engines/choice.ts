/**
 * What `auto` means. Rules:
 * - Only one compiled engine is here: it is taken. Two or more: they are measured once for each machine and size, on the threads
 *   that the run would get, and the fastest is taken. An engine that fails is listed with its reason and not taken.
 * - The op-by-op engine is the last resort and never measured beside a compiled one.
 * - A named engine is taken without measuring; a resumed run keeps its own.
 * - One size is measured at a time, in processes of their own; whoever asks for the same size meanwhile shares the result.
 */
import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type {
  EngineSpeed,
  MeasuredSize,
  Measurement,
  MeasuringProgress
} from '../../src-preload/contract/engines.ts'
import { precisionProblem, precisionTexts, type Precision } from '../../src-preload/contract/precision.ts'
import { now } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import {
  forgetFailures,
  readMeasurements,
  saveMeasurement,
  sizeKey,
  type Machine,
  type StoredMeasurement
} from './measurements.ts'

/** The engine that a run gets, and why, in one sentence. */
export interface Chosen {
  readonly engine: string
  readonly why: string
}

export interface EngineChooser {
  /**
   * The engine for a run that leaves it to us; measures when it has to.
   * @throws UserError('engine-unavailable') when no engine here has the precision
   */
  choose(size: MeasuredSize, precision: Precision): Promise<Chosen>
  /** Steps a second that were measured here before, of the engine or, for `auto`, of the fastest; null without a measurement. */
  knownSpeed(size: MeasuredSize, engine: string, precision: Precision): number | null
}

export interface EngineChoice extends EngineChooser {
  /** What was measured on this machine, newest first. */
  measurements(): Promise<Measurement[]>
  /** Measures all engines anew, size by size. Who stops listening lets the size in hand come to its end. */
  measure(sizes: readonly MeasuredSize[], signal: AbortSignal): AsyncGenerator<MeasuringProgress>
  /** An engine was installed anew: where it failed before, it is measured again. */
  renewed(engine: string): void
  /** Ends measuring. */
  close(): void
}

/** An engine in one number format. */
export interface Contestant {
  readonly engine: string
  readonly precision: Precision
}

/** The speed of a contestant, or why there is none. */
export type Result = Contestant &
  Pick<EngineSpeed, 'stepsPerSecond' | 'compileSeconds' | 'reason' | 'execution'>

/** Measures contestants side by side; never rejects for the failure of one. */
export type Measurer = (
  size: MeasuredSize,
  contestants: readonly Contestant[],
  say: (text: string, share: number) => void,
  signal: AbortSignal
) => Promise<Result[]>

export interface ChoiceOptions {
  /** `measurements.json`. */
  readonly file: string
  readonly machine: Machine
  readonly engines: () => Promise<readonly EngineInfo[]>
  readonly measurer: Measurer
  /** Tries graphics engines that were never tried, and on `again` those that did not serve; `engines` may answer otherwise then. */
  readonly tryGraphics?: (again: boolean) => Promise<void>
  /** Number of runs that train now. */
  readonly otherRuns: () => number
  readonly log: Log
}

/** Makes the choice over one measurements file. */
export function createEngineChoice(options: ChoiceOptions): EngineChoice {
  return new Choice(options)
}

const isCompiled = ({ id }: EngineInfo): boolean => id !== 'eager'

/** What is measured and chosen among: the usable compiled engines, or else whatever is usable. */
function competing(engines: readonly EngineInfo[]): readonly EngineInfo[] {
  const usable = engines.filter(({ available }) => available)
  const compiled = usable.filter(isCompiled)
  return compiled.length > 0 ? compiled : usable
}

const can = (precision: Precision) => (engine: EngineInfo) =>
  precisionProblem(precision, engine.precisions) === null

type Say = (text: string, share: number) => void

class Choice implements EngineChoice {
  readonly #options: ChoiceOptions
  readonly #running = new Map<string, Promise<StoredMeasurement>>()
  readonly #closing = new AbortController()
  readonly #followers = new Map<string, Set<Say>>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ChoiceOptions) {
    this.#options = options
  }

  async choose(size: MeasuredSize, precision: Precision): Promise<Chosen> {
    const engines = await this.#enginesTried(false)
    const fitting = competing(engines).filter(can(precision))
    if (fitting.length === 0) throw nothingFits(engines, precision)
    if (fitting.length === 1) return { engine: fitting[0].id, why: whyAlone(fitting[0], precision) }
    const contestants = [...new Set(['float32' as const, precision])].flatMap(format =>
      competing(engines)
        .filter(can(format))
        .map(({ id }) => ({ engine: id, precision: format }))
    )
    const known = this.#stored().find(
      entry => sizeKey(entry.size) === sizeKey(size) && isCurrent(entry, fitting, precision)
    )
    const entry = known ?? (await this.#measure(size, contestants, competing(engines)))
    return chosenFrom(entry, precision, engines)
  }

  knownSpeed(size: MeasuredSize, engine: string, precision: Precision): number | null {
    const speeds = this.#stored().find(entry => sizeKey(entry.size) === sizeKey(size))?.speeds ?? []
    const asked = speeds.filter(speed => engine === 'auto' || speed.engine === engine)
    return fastestIn(asked, precision)?.stepsPerSecond ?? null
  }

  async measurements(): Promise<Measurement[]> {
    const fitting = competing(await this.#options.engines())
    return this.#stored().map(entry => measurementOf(entry, fitting))
  }

  async *measure(sizes: readonly MeasuredSize[], signal: AbortSignal): AsyncGenerator<MeasuringProgress> {
    if (sizes[0] === undefined) return
    yield { size: sizes[0], text: 'looking at the engines', share: 0, measurement: null }
    const engines = competing(await this.#enginesTried(true))
    const contestants = engines.flatMap(engine => [
      { engine: engine.id, precision: 'float32' as const },
      ...(engine.precisions ?? []).flatMap(({ precision, reason }) =>
        reason === null ? [{ engine: engine.id, precision }] : []
      )
    ])
    for (const [i, size] of sizes.entries()) {
      if (signal.aborted) return
      const shareOf = (share: number): number => (i + share) / sizes.length
      const news = new News()
      const say: Say = (text, share) => news.tell({ text, share: shareOf(share) })
      const result = this.#measure(size, contestants, engines, say)
      void result.then(
        () => news.end(),
        () => news.end()
      )
      for await (const item of news.all(signal)) yield { size, ...item, measurement: null }
      if (signal.aborted) return
      yield { size, text: 'done', share: shareOf(1), measurement: measurementOf(await result, engines) }
    }
  }

  renewed(engine: string): void {
    forgetFailures(this.#options.file, engine, this.#options.log)
  }

  close(): void {
    this.#closing.abort()
  }

  async #enginesTried(again: boolean): Promise<readonly EngineInfo[]> {
    const { tryGraphics, engines, log } = this.#options
    await tryGraphics?.(again).catch((error: unknown) =>
      log.error('graphics engines could not be tried', error)
    )
    return engines()
  }

  #stored(): StoredMeasurement[] {
    const { file, log, machine } = this.#options
    return readMeasurements(file, log).filter(
      entry => entry.machine.processor === machine.processor && entry.machine.cores === machine.cores
    )
  }

  /** Waits for its turn; the same size and contestants at the same time are measured once. */
  #measure(
    size: MeasuredSize,
    contestants: readonly Contestant[],
    engines: readonly EngineInfo[],
    follower?: Say
  ): Promise<StoredMeasurement> {
    const key = JSON.stringify([sizeKey(size), contestants])
    const followers = this.#followers.get(key) ?? new Set()
    this.#followers.set(key, followers)
    if (follower) followers.add(follower)
    const running = this.#running.get(key)
    if (running) return running
    if (this.#running.size > 0) follower?.('waiting for another measurement', 0)
    const say: Say = (text, share) => followers.forEach(tell => tell(text, share))
    const started = this.#last
      .then(() => this.#measureNow(size, contestants, engines, say))
      .finally(() => {
        this.#running.delete(key)
        this.#followers.delete(key)
      })
    this.#running.set(key, started)
    this.#last = started.catch(() => undefined)
    return started
  }

  async #measureNow(
    size: MeasuredSize,
    contestants: readonly Contestant[],
    engines: readonly EngineInfo[],
    say: Say
  ): Promise<StoredMeasurement> {
    const { file, log, machine, measurer, otherRuns } = this.#options
    if (this.#closing.signal.aborted) throw new UserError('closed', 'measuring was called off')
    const others = otherRuns()
    const results = await measurer(size, contestants, say, this.#closing.signal)
    if (this.#closing.signal.aborted) throw new UserError('closed', 'measuring was called off')
    const speeds = results.map((result): EngineSpeed => {
      const info = engines.find(({ id }) => id === result.engine)
      return { ...result, version: info?.version ?? '', device: info?.device ?? '' }
    })
    const entry = { machine, size, measuredAt: now(), otherRuns: others, speeds }
    saveMeasurement(file, entry, log)
    return entry
  }
}

/** True when exactly these engines, in these versions, were measured in this format. */
function isCurrent(
  { speeds }: StoredMeasurement,
  engines: readonly EngineInfo[],
  precision: Precision
): boolean {
  const measured = speeds.filter(speed => speed.precision === precision)
  const same = (speed: EngineSpeed): boolean =>
    engines.some(
      ({ id, version, device }) => speed.engine === id && speed.version === version && speed.device === device
    )
  return measured.length === engines.length && measured.every(same)
}

function fastestIn(speeds: readonly EngineSpeed[], precision: Precision): EngineSpeed | null {
  const ranked = speeds
    .filter(speed => speed.precision === precision && speed.stepsPerSecond !== null)
    .sort((a, b) => (b.stepsPerSecond ?? 0) - (a.stepsPerSecond ?? 0))
  return ranked[0] ?? null
}

const measurementOf = (
  { size, measuredAt, otherRuns, speeds }: StoredMeasurement,
  engines: readonly EngineInfo[]
): Measurement => ({
  ...{ size, measuredAt, otherRuns, speeds },
  fastest: fastestIn(speeds, 'float32')?.engine ?? null,
  current: isCurrent({ speeds } as StoredMeasurement, engines, 'float32')
})

const figure = (value: number): string => value.toPrecision(3).replace(/\.0+$/, '')

function chosenFrom(
  { speeds }: StoredMeasurement,
  precision: Precision,
  engines: readonly EngineInfo[]
): Chosen {
  const fastest = fastestIn(speeds, precision)
  const asked = speeds.filter(speed => speed.precision === precision)
  const texts = asked.map(({ engine, stepsPerSecond, reason }) =>
    stepsPerSecond === null ? `${engine} failed (${reason})` : `${engine} ${figure(stepsPerSecond)} steps/s`
  )
  if (fastest)
    return { engine: fastest.engine, why: `the fastest here for this network: ${texts.join(', ')}` }
  const last = engines.find(engine => engine.available && !isCompiled(engine) && can(precision)(engine))
  if (last === undefined)
    throw new UserError('engine-unavailable', `every engine failed on this network: ${texts.join('; ')}`)
  return { engine: last.id, why: `the compiled engines failed on this network: ${texts.join('; ')}` }
}

const whyAlone = ({ title }: EngineInfo, precision: Precision): string =>
  precision === 'float32' ? `${title} is the only one here` : `only ${title} has ${precision} here`

function nothingFits(engines: readonly EngineInfo[], precision: Precision): UserError {
  const usable = engines.filter(({ available }) => available)
  if (usable.length === 0) {
    const reasons = engines.map(({ id, reason }) => `${id}: ${reason ?? 'not available'}`).join('; ')
    return new UserError('engine-unavailable', `no engine can be used here: ${reasons}`)
  }
  const reasons = usable.map(({ id, precisions }) => `${id}: ${precisionProblem(precision, precisions)}`)
  return new UserError(
    'engine-unavailable',
    `no engine here computes in ${precisionTexts[precision].title} (${reasons.join('; ')}); choose float32`
  )
}

/** What one listener has not heard yet; only the newest matters. */
class News {
  #newest: { text: string; share: number } | null = null
  #ended = false
  #wake: () => void = () => undefined

  tell(item: { text: string; share: number }): void {
    this.#newest = item
    this.#wake()
  }

  end(): void {
    this.#ended = true
    this.#wake()
  }

  async *all(signal: AbortSignal): AsyncGenerator<{ text: string; share: number }> {
    const stop = (): void => this.#wake()
    signal.addEventListener('abort', stop)
    try {
      while (!signal.aborted) {
        const item = this.#newest
        this.#newest = null
        if (item) yield item
        else if (this.#ended) return
        else await new Promise<void>(resolve => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}
