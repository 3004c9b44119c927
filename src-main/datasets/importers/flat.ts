/** Flat recordings, one row a step: where episodes begin, why they end, and which next observations the file holds. */
import type { EndReason, ImportAnswers, ImportQuestion } from '../../../src-preload/contract/datasets.ts'
import { UserError } from '../../base/errors.ts'
import { ColumnsBuilder } from '../build.ts'
import type { DatasetColumns } from '../dataset.ts'
import { info, type Problem, type ReportProgress, warning } from './importer.ts'

export type FlatColumn = 'observations' | 'nextObservations' | 'actions' | 'rewards'

export interface FlatSource {
  readonly rows: number
  readonly observationSize: number
  readonly actionSize: number
  readonly has: Readonly<Record<'nextObservations' | 'rewards', boolean>>
  /** Rows `first` to `first + count`, row-major. */
  read(column: FlatColumn, first: number, count: number): Float32Array
  /** [rows], 1 where the flag is set; null when the file has no such column. */
  readonly terminated: Uint8Array | null
  readonly truncated: Uint8Array | null
  /** [rows], 1 at the last row of each episode, where the file numbers its episodes. */
  readonly episodeEnds: Uint8Array | null
  /** Observations after the last action, by last row, where the file has them apart from its rows. */
  readonly finalObservations: ReadonlyMap<number, Float32Array>
  /** The time limit of the environment, offered where nothing else marks the ends. */
  readonly knownHorizon: number | null
  readonly sourceName: string
  readonly blockRows: number
}

export interface FlatResult {
  readonly columns: DatasetColumns
  readonly problems: readonly Problem[]
  readonly questions: readonly ImportQuestion[]
}

/** Beyond this relative difference a next observation is not the observation of the next row. */
const continuityTolerance = 1e-4
/** From this share of unconnected rows on, rows look unordered. */
const unorderedShare = 0.5

interface Continuity {
  /** [rows], 1 where the next observation differs from the next row's observation. */
  readonly breaks: Uint8Array
  readonly count: number
  /** [rows - 1], distance between the observations of a row and the following one. */
  readonly steps: Float32Array
}

/** Cuts a flat recording into episodes. @throws UserError('invalid-file') */
export async function readFlat(
  source: FlatSource,
  answers: ImportAnswers,
  progress: ReportProgress
): Promise<FlatResult> {
  if (source.rows === 0) throw new UserError('invalid-file', `${source.sourceName} has no rows`)
  const problems: Problem[] = []
  const questions: ImportQuestion[] = []
  const continuity = source.has.nextObservations ? await findBreaks(source, progress) : null
  const plan = planEnds(source, continuity, answers, questions, problems)
  const atEnds = continuity === null ? null : successorAtEnds(plan.ends, continuity)
  const shifted = atEnds === 'reset'
  if (shifted) {
    problems.push(
      warning(
        'at episode ends the next observation is the first one of the next episode; those are marked missing'
      )
    )
  } else if (atEnds === 'continues') {
    problems.push(
      warning(
        'the state goes on across every episode end: the ends mark something else than a reset, such as a new goal'
      )
    )
  }
  const columns = await fill(source, plan.ends, shifted, progress)
  reportContinuity(continuity, plan.ends, problems)
  return { columns, problems, questions }
}

async function findBreaks(source: FlatSource, progress: ReportProgress): Promise<Continuity> {
  const { rows, observationSize: size } = source
  const breaks = new Uint8Array(rows)
  const steps = new Float32Array(rows - 1)
  let count = 0
  for (let first = 0; first < rows - 1; first += source.blockRows) {
    const here = Math.min(source.blockRows, rows - 1 - first)
    const next = source.read('nextObservations', first, here)
    const own = source.read('observations', first, here)
    const following = source.read('observations', first + 1, here)
    for (let row = 0; row < here; row++) {
      steps[first + row] = distance(own, following, row * size, size)
      if (differs(next, following, row * size, size)) {
        breaks[first + row] = 1
        count++
      }
    }
    await progress('checking continuity', first + here, rows)
  }
  return { breaks, count, steps }
}

function distance(a: Float32Array, b: Float32Array, at: number, size: number): number {
  let sum = 0
  for (let i = at; i < at + size; i++) sum += (a[i] - b[i]) ** 2
  return Math.sqrt(sum)
}

function differs(a: Float32Array, b: Float32Array, at: number, size: number): boolean {
  for (let i = at; i < at + size; i++) {
    if (Math.abs(a[i] - b[i]) > continuityTolerance * Math.max(1, Math.abs(a[i]), Math.abs(b[i]))) return true
  }
  return false
}

interface Ends {
  /** [rows], 0 inside an episode, else 1 + index of the end reason. */
  readonly ends: Uint8Array
}
const reasons: readonly EndReason[] = ['terminated', 'truncated', 'cut', 'unknown']
const codeOf = (reason: EndReason): number => reasons.indexOf(reason) + 1

/** Marks the last row of each episode with its reason. */
function planEnds(
  source: FlatSource,
  continuity: Continuity | null,
  answers: ImportAnswers,
  questions: ImportQuestion[],
  problems: Problem[]
): Ends {
  const { rows, terminated, truncated, episodeEnds } = source
  const ends = new Uint8Array(rows)
  let both = 0
  for (let row = 0; row < rows; row++) {
    if (terminated?.[row] && truncated?.[row]) both++
    if (terminated?.[row]) ends[row] = codeOf('terminated')
    else if (truncated?.[row]) ends[row] = codeOf('truncated')
  }
  if (both > 0)
    problems.push(info(`${both} rows are marked terminated and truncated at once; they count as terminated`))
  if (continuity !== null && episodeEnds === null && looksUnordered(ends, continuity)) {
    if (askLayout(continuity, rows, answers, questions) === 'transitions') {
      for (let row = 0; row < rows; row++) ends[row] ||= codeOf('cut')
      return { ends }
    }
  }
  const unmarked = unmarkedEnds(source, continuity, ends, answers, questions)
  if (unmarked.length > 0) {
    const reason = askEndReason(unmarked.length, answers, questions)
    for (const row of unmarked) ends[row] = codeOf(reason)
  }
  if (ends[rows - 1] === 0) ends[rows - 1] = codeOf('cut')
  return { ends }
}

function looksUnordered(ends: Uint8Array, { breaks }: Continuity): boolean {
  let [open, broken] = [0, 0]
  for (let row = 0; row < ends.length - 1; row++) {
    if (ends[row] !== 0) continue
    open++
    broken += breaks[row]
  }
  return open > 1 && broken / open > unorderedShare
}

function askLayout(
  continuity: Continuity,
  rows: number,
  answers: ImportAnswers,
  questions: ImportQuestion[]
): string {
  questions.push({
    id: 'layout',
    text: `After ${continuity.count} of ${rows} rows the next row does not continue. What are the rows?`,
    help: 'Unordered transitions become episodes of one step: fine for methods that learn from single transitions, not for returns.',
    options: [
      { value: 'transitions', label: 'Unordered transitions' },
      { value: 'episodes', label: 'Steps in order; a break starts a new episode' }
    ],
    default: null,
    input: 'choice'
  })
  return answers.layout ?? 'transitions'
}

/** Rows that end an episode without a flag: numbered episodes, breaks in continuity, or a time limit that is asked for. */
function unmarkedEnds(
  source: FlatSource,
  continuity: Continuity | null,
  ends: Uint8Array,
  answers: ImportAnswers,
  questions: ImportQuestion[]
): number[] {
  const where = source.episodeEnds ?? continuity?.breaks
  if (where !== undefined) {
    const rows: number[] = []
    for (let row = 0; row < source.rows; row++) if (where[row] === 1 && ends[row] === 0) rows.push(row)
    return rows
  }
  if (source.truncated !== null) return []
  return horizonEnds(ends, askHorizon(source, answers, questions))
}

function askHorizon(source: FlatSource, answers: ImportAnswers, questions: ImportQuestion[]): number {
  const suggestion = source.knownHorizon === null ? null : String(source.knownHorizon)
  questions.push({
    id: 'horizon',
    text: 'The file does not mark episodes that ran out of time. After how many steps was an episode stopped?',
    help: 'The time limit of the environment, in steps; 0 when only terminations end an episode. A wrong number mixes episodes.',
    options: [],
    default: suggestion,
    input: 'numbers'
  })
  const horizon = Number(answers.horizon ?? suggestion ?? 0)
  if (!Number.isInteger(horizon) || horizon < 0) {
    throw new UserError(
      'missing-answer',
      `"${answers.horizon}" is not a number of steps; answer horizon with a whole number, 0 for none`
    )
  }
  return horizon
}

function horizonEnds(ends: Uint8Array, horizon: number): number[] {
  const rows: number[] = []
  let length = 0
  for (let row = 0; row < ends.length; row++) {
    length = ends[row] === 0 ? length + 1 : 0
    if (horizon > 0 && length === horizon) {
      rows.push(row)
      length = 0
    }
  }
  return rows
}

/** Asks why episodes end that carry no flag; until it is answered they count as unknown. */
function askEndReason(count: number, answers: ImportAnswers, questions: ImportQuestion[]): EndReason {
  questions.push({
    id: 'endReason',
    text: `${count} episodes end without a flag. Why did they end?`,
    help: 'A termination has no future; after a time limit or a cut the future goes on and is estimated where a next observation is there.',
    options: [
      { value: 'terminated', label: 'The task ended (terminated)' },
      { value: 'truncated', label: 'A time limit (truncated)' },
      { value: 'cut', label: 'The recording stopped (cut)' },
      { value: 'unknown', label: 'Not known' }
    ],
    default: null,
    input: 'choice'
  })
  const answer = answers.endReason ?? 'unknown'
  const reason = reasons.find(known => known === answer)
  if (reason === undefined)
    throw new UserError(
      'missing-answer',
      `"${answer}" is no end reason; answer endReason with ${reasons.join(', ')}`
    )
  return reason
}

/**
 * What it means that the next observation at every end is the next row's observation: the state went on (`continues`), or the file
 * holds the first state of the next episode there (`reset`), which shows as a jump; null where it is not so.
 */
function successorAtEnds(ends: Uint8Array, { breaks, steps }: Continuity): 'continues' | 'reset' | null {
  const [jumps, inside]: [number[], number[]] = [[], []]
  for (let row = 0; row < ends.length - 1; row++) {
    if (ends[row] === 0) inside.push(steps[row])
    else if (breaks[row] === 1) return null
    else jumps.push(steps[row])
  }
  if (jumps.length === 0 || inside.length < jumps.length) return null
  return medianOf(jumps) > 3 * medianOf(inside) ? 'reset' : 'continues'
}

const medianOf = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]

function reportContinuity(continuity: Continuity | null, ends: Uint8Array, problems: Problem[]): void {
  if (continuity === null) return
  let inside = 0
  for (let row = 0; row < ends.length; row++) if (continuity.breaks[row] === 1 && ends[row] === 0) inside++
  if (inside > 0)
    problems.push(
      warning(
        `inside episodes ${inside} next observations differ from the following row's observation; the rows' own are used`
      )
    )
}

async function fill(
  source: FlatSource,
  ends: Uint8Array,
  shifted: boolean,
  progress: ReportProgress
): Promise<DatasetColumns> {
  const { observationSize, actionSize } = source
  const episodes = ends.reduce((count, end) => count + (end === 0 ? 0 : 1), 0)
  const sizes = { observationSize, actionSize, hasRewards: source.has.rewards }
  const builder = new ColumnsBuilder(sizes, { transitions: source.rows, episodes })
  let first = 0
  for (let row = 0; row < source.rows; row++) {
    if (ends[row] === 0) continue
    const count = row + 1 - first
    const own = source.read('observations', first, count)
    const final = shifted ? null : finalObservation(source, row)
    builder.add({
      observations: final === null ? own : joined(own, final),
      actions: source.read('actions', first, count),
      rewards: source.has.rewards ? source.read('rewards', first, count) : null,
      endReason: reasons[ends[row] - 1],
      source: source.sourceName
    })
    first = row + 1
    await progress('reading episodes', first, source.rows)
  }
  return builder.finish()
}

function finalObservation(source: FlatSource, row: number): Float32Array | null {
  return source.has.nextObservations
    ? source.read('nextObservations', row, 1)
    : (source.finalObservations.get(row) ?? null)
}

function joined(first: Float32Array, last: Float32Array): Float32Array {
  const both = new Float32Array(first.length + last.length)
  both.set(first)
  both.set(last, first.length)
  return both
}
