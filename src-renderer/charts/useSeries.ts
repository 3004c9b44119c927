import { watchDebounced } from '@vueuse/core'
import { onScopeDispose, shallowReactive, watch } from 'vue'
import type { Client } from '../../src-preload/contract/define.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import type { Point } from '../../src-preload/contract/metrics.ts'
import { follow } from '../client/follow.ts'
import { emptySeries, extend, seriesData, withSmoothed, type SeriesData } from './seriesData.ts'

type MetricsClient = Pick<Client<StitchworkContract>, 'metrics'>

/** Runs per request: 12 lines of 1000 points stay below the frame limit. */
const runsPerCall = 12
/** Points a line may gain live before the store bins it again. */
const refetchAfter = 2000
const applyEveryMs = 400

function extendAll(
  series: ReadonlyMap<string, SeriesData>,
  points: readonly Point[]
): Map<string, SeriesData> {
  const next = new Map(series)
  for (const [runId, added] of Map.groupBy(points, point => point.runId)) {
    next.set(runId, extend(next.get(runId) ?? emptySeries(runId, added[0]?.key ?? ''), added))
  }
  return next
}

export interface SeriesEvents {
  readonly error: (error: unknown) => void
  /** A metric that was not there before; the caller asks for its description. */
  readonly newKey: (key: string) => void
  /** Settles when a lost connection is back. */
  readonly opened: () => Promise<void>
}

/** Series of several runs: loaded metric by metric when a chart comes into view, then extended by one live stream. */
class SeriesBoard {
  readonly #client: MetricsClient
  readonly #events: SeriesEvents
  readonly #loaded = shallowReactive(new Map<string, ReadonlyMap<string, SeriesData>>())
  readonly #wanted = new Set<string>()
  readonly #known = new Set<string>()
  /** Points that arrive while a metric loads: the answer may have been computed before them. */
  readonly #meanwhile = new Map<string, Point[]>()
  #runIds: readonly string[] = []
  #smoothing = 0
  #pending: Point[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #stop = new AbortController()

  constructor(client: MetricsClient, events: SeriesEvents) {
    this.#client = client
    this.#events = events
  }

  /** Series of a metric by run id; empty until loaded. */
  seriesOf(key: string): ReadonlyMap<string, SeriesData> {
    return this.#loaded.get(key) ?? new Map()
  }

  /** Loads a metric now and keeps it up to date. */
  want(key: string): void {
    if (this.#wanted.has(key)) return
    this.#wanted.add(key)
    this.#load(key).catch(this.#events.error)
  }

  /** Smooths by another weight: binned lines are smoothed by the host, over all their points. */
  smooth(weight: number): void {
    this.#smoothing = weight
    for (const key of this.#loaded.keys()) this.#loadSmoothed(key).catch(this.#events.error)
  }

  /** Shows other runs: what was loaded is dropped, the stream starts again. */
  restart(runIds: readonly string[]): void {
    this.close()
    this.#stop = new AbortController()
    this.#runIds = runIds
    this.#loaded.clear()
    this.#known.clear()
    this.#pending = []
    const { signal } = this.#stop
    // Followed before anything is loaded, so that no point falls between the two.
    if (runIds.length > 0) void this.#follow(signal)
    for (const key of this.#wanted) this.#load(key).catch(this.#events.error)
  }

  close(): void {
    this.#stop.abort()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #load(key: string): Promise<void> {
    const { signal } = this.#stop
    const found = new Map<string, SeriesData>()
    this.#meanwhile.set(key, [])
    for (let i = 0; i < this.#runIds.length; i += runsPerCall) {
      const part = await this.#client.metrics.series({ runIds: this.#runIds.slice(i, i + runsPerCall), key })
      if (signal.aborted) return
      for (const series of part) found.set(series.runId, seriesData(series))
    }
    this.#loaded.set(key, extendAll(found, this.#meanwhile.get(key) ?? []))
    this.#meanwhile.delete(key)
    await this.#loadSmoothed(key)
  }

  async #loadSmoothed(key: string): Promise<void> {
    const { signal } = this.#stop
    const weight = this.#smoothing
    const binned = [...this.seriesOf(key).values()].filter(
      data => !data.raw && data.smoothed?.weight !== weight
    )
    if (weight === 0) return
    for (let i = 0; i < binned.length; i += runsPerCall) {
      const runIds = binned.slice(i, i + runsPerCall).map(({ runId }) => runId)
      const part = await this.#client.metrics.series({ runIds, key, smoothing: weight })
      if (signal.aborted || weight !== this.#smoothing) return
      const next = new Map(this.seriesOf(key))
      for (const answer of part) {
        const data = next.get(answer.runId)
        if (data) next.set(answer.runId, withSmoothed(data, weight, answer))
      }
      this.#loaded.set(key, next)
    }
  }

  #follow(signal: AbortSignal): Promise<void> {
    let opened = 0
    return follow({
      open: inner => this.#client.metrics.follow({ runIds: [...this.#runIds] }, inner),
      onItem: (batch, fresh) => {
        // After a lost connection the points in between are not replayed: what is shown is loaded again.
        if (fresh && opened++ > 0) for (const key of this.#wanted) this.#load(key).catch(this.#events.error)
        this.#pending.push(...batch.points)
        this.#timer ??= setTimeout(() => this.#apply(), applyEveryMs)
      },
      signal,
      opened: this.#events.opened,
      onError: this.#events.error
    })
  }

  /** Several batches become one change of each chart. */
  #apply(): void {
    this.#timer = undefined
    const byKey = Map.groupBy(this.#pending, point => point.key)
    this.#pending = []
    for (const [key, points] of byKey) {
      if (!this.#known.has(key)) {
        this.#known.add(key)
        this.#events.newKey(key)
      }
      if (this.#wanted.has(key)) this.#extend(key, points)
    }
  }

  #extend(key: string, points: readonly Point[]): void {
    this.#meanwhile.get(key)?.push(...points)
    const next = extendAll(this.#loaded.get(key) ?? new Map(), points)
    if ([...next.values()].some(data => data.steps.length > refetchAfter))
      this.#load(key).catch(this.#events.error)
    else this.#loaded.set(key, next)
  }
}

export type { SeriesBoard }

/**
 * A series board for the life of the calling component.
 * @param runIds the runs, reactive; a change loads again
 * @param smoothing weight in [0, 1), reactive
 */
export function useSeries(
  client: MetricsClient,
  runIds: () => readonly string[],
  events: SeriesEvents,
  smoothing: () => number = () => 0
): SeriesBoard {
  const board = new SeriesBoard(client, events)
  // The hand is still on the slider: the host is asked when it rests.
  watchDebounced(smoothing, weight => board.smooth(weight), { debounce: 150, immediate: true })
  watch(
    () => runIds().join(' '),
    ids => board.restart(ids ? ids.split(' ') : []),
    { immediate: true }
  )
  onScopeDispose(() => board.close())
  return board
}
