import type { Comparison, ComparisonGroup, Statistic } from '../../src-preload/contract/compare.ts'
import type { Dataset, ScoreReference } from '../../src-preload/contract/datasets.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { fromScalar, toScalar } from '../../src-preload/contract/values.ts'
import type { Scalar } from '../../src-preload/contract/values.ts'
import { createBootstrap } from './bootstrap.ts'
import type { Bootstrap } from './bootstrap.ts'
import { comparabilityWarnings, hasBroken, hasFinished, sourcesDiffer } from './comparability.ts'
import { settingsOf } from './settings.ts'
import { interquartileMean, mean, median, probabilityOfSuperiority, sampleDeviation } from './statistics.ts'

/** A run with what its last evaluation adds to it. */
export interface ComparedRun {
  readonly run: Run
  /** Mean length of the last evaluation's episodes; null before the first. */
  readonly finalLength: number | null
  /** The reference its score uses; null without one. */
  readonly scoreReference: ScoreReference | null
}

export interface ComparisonInput {
  /** In the order of the selection, which decides the order of the groups. */
  readonly runs: readonly ComparedRun[]
  /** At least the datasets of the runs. */
  readonly datasets: readonly Pick<Dataset, 'id' | 'name' | 'meanReturn' | 'bestReturn'>[]
  /** Title of a setting as its form shows it. */
  readonly titleOf: (algorithm: string, field: string) => string
}

/** Runs that differ only in seed. */
export interface RunGroup {
  readonly key: string
  readonly runs: readonly ComparedRun[]
  /** Any run: all but the seed is equal. */
  readonly first: ComparedRun
}

/** Replications of the intervals on screen. */
const replications = 2000

/** Runs by group key, groups in the order in which they first appear. */
function groupRuns(runs: readonly ComparedRun[]): RunGroup[] {
  const groups = Map.groupBy(runs, ({ run }) => run.groupKey)
  return [...groups].map(([key, members]) => ({ key, runs: members, first: members[0] }))
}

const known = (values: readonly (Scalar | null)[]): number[] =>
  values.filter(value => value !== null).map(fromScalar)

function statisticOf(values: readonly number[], bootstrap: Bootstrap): Statistic {
  const { low, high } = bootstrap.meanInterval(values)
  return {
    n: values.length,
    mean: toScalar(mean(values)),
    median: toScalar(median(values)),
    standardDeviation: toScalar(sampleDeviation(values)),
    interquartileMean: toScalar(interquartileMean(values)),
    low: toScalar(low),
    high: toScalar(high),
    values: values.map(toScalar)
  }
}

const finalReturns = (group: RunGroup): number[] => known(group.runs.map(({ run }) => run.finalReturn))

/** Gradient steps per active second over the whole run, evaluations included; null before it has any. */
function overallSpeed({ progress, activeSeconds }: Run): number | null {
  return progress.step > 0 && activeSeconds > 0 ? progress.step / activeSeconds : null
}

function comparisonGroupOf(group: RunGroup, showScores: boolean, bootstrap: Bootstrap): ComparisonGroup {
  const { key, first } = group
  const runs = group.runs.map(({ run }) => run)
  const over = (values: readonly (Scalar | null)[]) => statisticOf(known(values), bootstrap)
  const scores = showScores ? known(runs.map(run => run.finalScore)) : []
  return {
    groupKey: key,
    name: first.run.groupName,
    algorithm: first.run.algorithm,
    datasetId: first.run.datasetId,
    colour: first.run.colour,
    runIds: runs.map(run => run.id),
    seeds: runs.map(run => run.seed),
    finalReturn: statisticOf(finalReturns(group), bootstrap),
    finalScore: scores.length > 0 ? statisticOf(scores, bootstrap) : null,
    finalLength: over(group.runs.map(({ finalLength }) => finalLength)),
    bestReturn: over(runs.map(run => run.bestReturn)),
    stepsPerSecond: over(runs.map(overallSpeed)),
    unfinished: runs.filter(run => !hasFinished(run) && !hasBroken(run)).length,
    broken: runs.filter(hasBroken).length
  }
}

/** Lines that stay on the chart: what the data already reaches, and the ends of the score scale. */
function referencesOf(input: ComparisonInput): Comparison['references'] {
  const used = new Set(input.runs.map(({ run }) => run.datasetId))
  const data = input.datasets
    .filter(({ id }) => used.has(id))
    .flatMap(({ name, meanReturn, bestReturn }) => [
      { label: `mean of ${name}`, value: meanReturn, kind: 'dataMean' as const },
      { label: `best of ${name}`, value: bestReturn, kind: 'dataBest' as const }
    ])
  const scales = new Map<string, ScoreReference>()
  for (const { scoreReference } of input.runs) {
    if (scoreReference !== null) scales.set(JSON.stringify(scoreReference), scoreReference)
  }
  const ends = [...scales.values()].flatMap(({ low, high, source }) => [
    { label: 'score 0', value: toScalar(low), kind: 'low' as const, source },
    { label: 'score 100', value: toScalar(high), kind: 'high' as const, source }
  ])
  return [...data.filter(({ value }) => Number.isFinite(fromScalar(value))), ...ends]
}

/** P(row beats column) for final returns; NaN between different tasks, whose returns have no common unit. */
function improvementTable(groups: readonly RunGroup[]): Scalar[][] {
  return groups.map(row =>
    groups.map(column => {
      const sameTask = row.first.run.environmentId === column.first.run.environmentId
      return toScalar(sameTask ? probabilityOfSuperiority(finalReturns(row), finalReturns(column)) : NaN)
    })
  )
}

/**
 * Runs side by side: groups of seeds with statistics over their final results, settings that differ first, permanent
 * reference lines, and what keeps the groups from being comparable.
 * @param input plain values of any number of runs; statistics count each run once, whatever its number of episodes
 */
export function compareRuns(input: ComparisonInput): Comparison {
  const groups = groupRuns(input.runs)
  const bootstrap = createBootstrap({ seed: 0, replications, level: 0.95 })
  const showScores = !sourcesDiffer(input.runs)
  const settings = settingsOf(groups, input)
  return {
    groups: groups.map(group => comparisonGroupOf(group, showScores, bootstrap)),
    differences: settings
      .filter(({ equal }) => !equal)
      .map(({ field, title, values }) => ({ field, title, values })),
    shared: settings
      .filter(({ equal }) => equal)
      .map(({ field, title, values }) => ({ field, title, value: values[0] })),
    references: referencesOf(input),
    probabilityOfImprovement: improvementTable(groups),
    warnings: comparabilityWarnings(groups, input)
  }
}
