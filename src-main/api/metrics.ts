import { setImmediate as turn } from 'node:timers/promises'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import type { MetricInfo, metricsContract, Point, Series } from '../../src-preload/contract/metrics.ts'
import { encodeColumn, toScalar } from '../../src-preload/contract/values.ts'
import { describeMetric } from '../algorithms/metricInfo.ts'
import { pointsAfter, type FollowedBatch } from '../store/follow.ts'
import { newestSequence, seriesFacts } from '../store/metrics.ts'
import { getRun } from '../store/runs.ts'
import { querySeries, type SeriesQuery } from '../store/series.ts'
import { followTopic } from './changes.ts'
import { pagesOf } from './pages.ts'
import type { Services } from './services.ts'

/** Points of one answer, all lines together: five float64 columns in base64 that fit a frame. */
const answerPoints = 15_000
const answerNonFinite = 2_000

/** Answers `metrics.*`. */
export const metricsHandlers = (services: Services): GroupHandlers<typeof metricsContract> => ({
  keys: ({ runIds }) => metricKeys(services, runIds),
  series: ({ runIds, key, ...query }) => series(services, runIds, key, query),
  follow: ({ runIds, after }, { signal }) => follow(services, runIds, after, signal)
})

/** What is known of every key of the runs together; `last` is that of the run that is furthest. */
async function metricKeys(services: Services, runIds: readonly string[]): Promise<MetricInfo[]> {
  const infos = new Map<string, MetricInfo>()
  for (const id of runIds) {
    for (const facts of seriesFacts(services.store.db, getRun(services.store.db, id).id)) {
      const known = infos.get(facts.key)
      const further = known?.lastStep == null || facts.lastStep > known.lastStep
      infos.set(facts.key, {
        ...describeMetric(facts.key),
        count: (known?.count ?? 0) + facts.points,
        nonFinite: (known?.nonFinite ?? 0) + facts.nonFinite,
        last: further ? toScalar(facts.lastValue) : known.last,
        lastStep: further ? facts.lastStep : known.lastStep
      })
    }
    // A turn of the event loop between runs: a hundred of them must not hold up everything else.
    await turn()
  }
  return [...infos.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

async function series(
  services: Services,
  runIds: readonly string[],
  key: string,
  query: SeriesQuery
): Promise<Series[]> {
  const { db } = services.store
  const maxPoints = Math.max(10, Math.min(query.maxPoints, Math.floor(answerPoints / runIds.length)))
  const maxNonFinite = Math.max(10, Math.floor(answerNonFinite / runIds.length))
  const lines: Series[] = []
  for (const id of runIds) {
    const line = querySeries(db, getRun(db, id).id, key, { ...query, maxPoints })
    lines.push({
      runId: id,
      key,
      steps: encodeColumn(line.steps),
      seconds: encodeColumn(line.seconds),
      values: encodeColumn(line.values),
      minimum: encodeColumn(line.minimum),
      maximum: encodeColumn(line.maximum),
      raw: line.raw,
      total: line.total,
      nonFiniteSteps: encodeColumn(line.nonFiniteSteps.subarray(0, maxNonFinite)),
      nonFiniteValues: encodeColumn(line.nonFiniteValues.subarray(0, maxNonFinite)),
      seams: [...line.seams],
      cursor: line.cursor
    })
    // A turn of the event loop between lines: many long curves must not hold up everything else.
    await turn()
  }
  return lines
}

interface PointBatch {
  readonly cursor: number
  readonly points: Point[]
}

function follow(
  services: Services,
  runIds: readonly string[],
  after: number | null,
  signal: AbortSignal
): AsyncIterable<PointBatch> {
  const { db } = services.store
  runIds.forEach(id => getRun(db, id))
  let cursor = after ?? newestSequence(db)
  function* newer(): Generator<PointBatch> {
    for (const batch of pointsAfter(db, runIds, cursor)) {
      yield* framesOf(batch, cursor)
      cursor = batch.cursor
    }
  }
  return followTopic(services.changes, 'points', signal, {
    pauseMs: 100,
    // Who starts at the present hears at once from where.
    first: () => (after === null ? [{ cursor, points: [] }] : newer()),
    next: ids => (runIds.some(id => ids.has(id)) ? newer() : [])
  })
}

/** A batch in frames; only the last moves the cursor, so that a client that stops in between asks for the rest again. */
function framesOf(batch: FollowedBatch, before: number): PointBatch[] {
  const points = batch.points.map(point => ({ ...point, value: toScalar(point.value) }))
  const pages = pagesOf(points)
  return pages.map((page, i) => ({ cursor: i === pages.length - 1 ? batch.cursor : before, points: page }))
}
