import type { Run } from '../../../src-preload/contract/runs.ts'
import { fromScalar, type Scalar } from '../../../src-preload/contract/values.ts'
import { formatDuration, formatNumber, formatSteps } from '../../charts/format.ts'
import type { GridColumn } from '../../ui/gridRows.ts'
import { runStates } from '../../ui/runStates.ts'
import { isActive, placeText, queuePlaces, shareDone, stepsPerSecond } from './runActions.ts'

const number = (value: Scalar | null): number | null => (value === null ? null : fromScalar(value))
const text = (value: Scalar | null): string => (value === null ? '–' : formatNumber(fromScalar(value)))

const speedText = (value: number | null): string =>
  value === null ? '–' : formatNumber(value >= 100 ? Math.round(value) : value)

/**
 * A run's name in two: what may be cut where the column is narrow, and the end that tells seeds apart.
 * @returns the name itself when joined; the end is empty where nothing like `, seed 3` stands there
 */
export function nameParts(name: string): readonly [string, string] {
  const end = /,? seed \S+$/.exec(name)
  return end === null ? [name, ''] : [name.slice(0, end.index), end[0]]
}

/** Seconds until a run ends, for sorting; null when it does not run. */
const secondsLeft = (run: Run): number | null => (isActive(run) ? run.progress.secondsLeft : null)

const columns: readonly GridColumn<Run>[] = [
  { key: 'name', title: 'Run', width: 190, grow: 4, value: run => run.name },
  {
    key: 'state',
    title: 'State',
    width: 104,
    value: run => run.state,
    format: run => runStates[run.state].word
  },
  {
    key: 'progress',
    title: 'Progress',
    width: 112,
    value: shareDone,
    format: run => `${formatSteps(run.progress.step)} of ${formatSteps(run.progress.totalSteps)}`,
    help: 'Gradient steps done'
  },
  {
    key: 'left',
    title: 'Time left',
    width: 82,
    align: 'right',
    value: secondsLeft,
    format: run => {
      const left = secondsLeft(run)
      return left === null ? '' : formatDuration(left)
    }
  },
  {
    key: 'speed',
    title: 'Steps/s',
    width: 66,
    align: 'right',
    value: stepsPerSecond,
    format: run => speedText(stepsPerSecond(run))
  },
  {
    key: 'finalReturn',
    title: 'Return',
    width: 70,
    align: 'right',
    value: run => number(run.finalReturn),
    format: run => text(run.finalReturn),
    help: 'Mean return of the last evaluation'
  },
  {
    key: 'finalScore',
    title: 'Score',
    width: 62,
    align: 'right',
    value: run => number(run.finalScore),
    format: run => text(run.finalScore),
    help: 'Normalised score of the last evaluation, 0 to 100 by the dataset’s reference'
  },
  {
    key: 'bestReturn',
    title: 'Best',
    width: 66,
    align: 'right',
    value: run => number(run.bestReturn),
    format: run => text(run.bestReturn),
    help: 'Best evaluation so far'
  },
  { key: 'algorithm', title: 'Algorithm', width: 84, value: run => run.algorithm },
  { key: 'dataset', title: 'Dataset', width: 120, grow: 1, value: run => run.datasetName },
  { key: 'experiment', title: 'Experiment', width: 110, grow: 1, value: run => run.experimentName },
  { key: 'seed', title: 'Seed', width: 48, align: 'right', value: run => run.seed },
  {
    key: 'created',
    title: 'Created',
    width: 128,
    align: 'right',
    value: run => run.createdAt,
    format: run =>
      new Date(run.createdAt).toLocaleString(undefined, {
        month: 'short',
        day: 'numeric',
        hour: 'numeric',
        minute: '2-digit'
      })
  }
]

/**
 * Columns of the run table; state, name and progress are drawn by slots of their own.
 * @param runs shown; the time left is a column only while one of them is under way
 * @param titleOf short title of an algorithm
 */
export function runColumns(
  runs: readonly Run[],
  titleOf: (algorithm: string) => string
): readonly GridColumn<Run>[] {
  const places = queuePlaces(runs)
  const formats: Readonly<Record<string, (run: Run, usual: string) => string>> = {
    algorithm: run => titleOf(run.algorithm),
    left: (run, usual) => {
      const place = places.get(run.id)
      return place === undefined ? usual : placeText(place)
    }
  }
  return columns
    .filter(({ key }) => key !== 'left' || runs.some(isActive))
    .map(column => {
      const format = formats[column.key]
      return format ? { ...column, format: run => format(run, column.format?.(run) ?? '') } : column
    })
}
