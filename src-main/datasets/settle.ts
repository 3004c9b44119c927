/** From a file that was read to a dataset's description: what the file left open is taken from the task it names, or asked. */
import type {
  ActionSpace,
  DynamicsCheck,
  ImportAnswers,
  ImportQuestion
} from '../../src-preload/contract/datasets.ts'
import { UserError } from '../base/errors.ts'
import type { Environment } from '../environments/environment.ts'
import { explainName } from '../environments/index.ts'
import type { DatasetColumns, DatasetDescription } from './dataset.ts'
import type { CheckedDynamics } from './dynamicsOf.ts'
import { type ImportedFile, type Importer, type Problem, warning } from './importers/importer.ts'
import { knownTask } from './importers/knownTasks.ts'
import { mostChoices } from './importers/limits.ts'
import { type Draft, settleEnvironment } from './settleEnvironment.ts'
import { shareOutside } from './statistics.ts'

export interface Settled {
  readonly description: DatasetDescription
  readonly questions: readonly ImportQuestion[]
  readonly problems: readonly Problem[]
  /** Which variant the file's name stands for and why, or why there is none; null without a name. */
  readonly because: string | null
  readonly dynamics: DynamicsCheck | null
}

interface SettleOptions {
  /** The dataset's name; the file's own when null. */
  readonly name?: string | null
  readonly dynamics?: CheckedDynamics
}

/** Decides environment, action space and names; questions without an answer are settled as their default, or provisionally. */
export function settle(
  importer: Importer,
  file: ImportedFile,
  sourceName: string,
  answers: ImportAnswers,
  { name = null, dynamics = { check: null, problem: null } }: SettleOptions = {}
): Settled {
  const draft = { questions: [...file.questions], problems: [...file.problems] }
  const environment = settleEnvironment(file, answers, dynamics, draft)
  const actionSpace = settleActions(file, environment, answers, draft)
  const { observationSize, actionSize } = file.columns
  const description: DatasetDescription = {
    name: name ?? file.suggestedName,
    format: importer.id,
    sourceName,
    environmentId: environment?.id ?? null,
    observationShape: [observationSize],
    observationNames: namesOf(
      observationSize,
      file.observationNames,
      environment?.info.observationNames,
      'observation'
    ),
    actionShape: [actionSize],
    actionNames: namesOf(actionSize, file.actionNames, environment?.info.actionNames, 'action'),
    actionSpace,
    hasRewards: file.columns.rewards.length > 0,
    scoreReference: file.scoreReference ?? environment?.info.scoreReference ?? null,
    parents: [],
    provenance:
      file.environmentName === null
        ? file.provenance
        : { ...file.provenance, environment: file.environmentName }
  }
  const because = file.environmentName === null ? null : explainName(file.environmentName)
  return { description, ...draft, because, dynamics: dynamics.check }
}

/** Names from the file unless it only numbers its columns, then the environment's, then numbers. */
function namesOf(
  size: number,
  own: readonly string[],
  known: readonly string[] | undefined,
  kind: string
): string[] {
  const telling = own.length === size && !own.every(name => /^(observation|action):\d+$|^action$/.test(name))
  const names = telling ? own : known?.length === size ? known : null
  return names === null ? Array.from({ length: size }, (_, i) => `${kind}:${i}`) : [...names]
}

function settleActions(
  file: ImportedFile,
  environment: Environment | null,
  answers: ImportAnswers,
  draft: Draft
): ActionSpace {
  if (file.actions.kind === 'discrete')
    return settleDiscrete(file.columns, file.actions, environment, answers, draft)
  const task = knownTask(file.environmentName)
  const { low, high } = settleBounds(file, environment, task.actionBound, answers, draft)
  const share = shareOutside(file.columns, low, high)
  const clamps = environment !== null || task.actionBound !== null
  const outside = share > 0 ? askOutside(share, clamps, answers, draft) : 'clip'
  return { kind: 'continuous', size: file.columns.actionSize, low, high, outside, shareOutside: share }
}

function settleDiscrete(
  { actions }: DatasetColumns,
  space: { readonly count: number | null; readonly start: number },
  environment: Environment | null,
  answers: ImportAnswers,
  draft: Draft
): ActionSpace {
  const largest = actions.reduce((most, action) => Math.max(most, action), 0)
  const bad = actions.findIndex(action => !Number.isInteger(action) || action < 0)
  if (bad >= 0)
    throw new UserError(
      'invalid-file',
      `action ${actions[bad]} of row ${bad} is no choice: discrete actions are whole numbers from ${space.start}`
    )
  if (largest >= mostChoices)
    throw new UserError(
      'unsupported',
      `action ${largest + space.start} would mean ${largest + 1} choices, at most ${mostChoices} can be imported; save actions that are quantities as float32`
    )
  const known = space.count ?? (environment?.actions.kind === 'discrete' ? environment.actions.count : null)
  const count = known ?? askCount(largest + 1, answers, draft)
  if (largest >= count)
    throw new UserError(
      'invalid-file',
      `action ${largest + space.start} is outside the ${count} choices from ${space.start}`
    )
  return { kind: 'discrete', count, start: space.start }
}

function askCount(seen: number, answers: ImportAnswers, draft: Draft): number {
  draft.questions.push({
    id: 'actionCount',
    text: `Actions 0 to ${seen - 1} occur. How many choices are there?`,
    help: 'Choices that never occur in the data count too.',
    options: [],
    default: String(seen),
    input: 'numbers'
  })
  const count = Number(answers.actionCount ?? seen)
  if (!Number.isInteger(count) || count < 1 || count > mostChoices)
    throw new UserError(
      'missing-answer',
      `"${answers.actionCount}" is no number of choices; answer actionCount with a whole number from ${seen} to ${mostChoices}`
    )
  return count
}

interface Bounds {
  readonly low: number[]
  readonly high: number[]
}

function settleBounds(
  file: ImportedFile,
  environment: Environment | null,
  known: number | null,
  answers: ImportAnswers,
  draft: Draft
): Bounds {
  const size = file.columns.actionSize
  const { actions } = file
  if (actions.kind === 'continuous' && actions.low !== null && actions.high !== null) {
    if (actions.low.length === size) return { low: [...actions.low], high: [...actions.high] }
  }
  if (environment?.actions.kind === 'continuous')
    return { low: [...environment.actions.low], high: [...environment.actions.high] }
  if (known !== null)
    return { low: new Array<number>(size).fill(-known), high: new Array<number>(size).fill(known) }
  return askBounds(file.columns, answers, draft)
}

function askBounds(columns: DatasetColumns, answers: ImportAnswers, draft: Draft): Bounds {
  const size = columns.actionSize
  const seen = rangeOf(columns)
  const within = seen.low.every(low => low >= -1) && seen.high.every(high => high <= 1)
  const shown = (values: readonly number[]) => values.map(value => Number(value.toPrecision(4))).join(', ')
  draft.questions.push({
    id: 'actionBounds',
    text: 'Between which bounds do actions lie?',
    help: `Lowest and highest value${size > 1 ? `, for all components together or ${size} lowest, then ${size} highest` : ', as two numbers'}. The data hold ${shown(seen.low)} to ${shown(seen.high)}.`,
    options: [],
    default: within ? '-1, 1' : null,
    input: 'numbers'
  })
  return answers.actionBounds === undefined
    ? within
      ? parseBounds('-1, 1', size)
      : seen
    : parseBounds(answers.actionBounds, size)
}

/** The finite numbers of each action component, lowest and highest; 0 where there are none. */
function rangeOf({ actions, actionSize }: DatasetColumns): Bounds {
  const low = new Array<number>(actionSize).fill(Infinity)
  const high = new Array<number>(actionSize).fill(-Infinity)
  actions.forEach((action, at) => {
    if (!Number.isFinite(action)) return
    low[at % actionSize] = Math.min(low[at % actionSize], action)
    high[at % actionSize] = Math.max(high[at % actionSize], action)
  })
  // A component without a finite number has no range.
  return {
    low: low.map(value => (value === Infinity ? 0 : value)),
    high: high.map(value => (value === -Infinity ? 0 : value))
  }
}

/** Two numbers for all components, or the lowest of each and then the highest of each. @throws UserError('missing-answer') */
function parseBounds(answer: string, size: number): Bounds {
  const numbers = answer
    .split(/[\s,;]+/)
    .filter(part => part !== '')
    .map(Number)
  const expected = size === 1 ? '2 numbers' : `2 or ${2 * size} numbers`
  if (!numbers.every(Number.isFinite) || (numbers.length !== 2 && numbers.length !== 2 * size)) {
    throw new UserError(
      'missing-answer',
      `"${answer.slice(0, 100)}" are no bounds; answer actionBounds with ${expected}, lowest first`
    )
  }
  const low = numbers.length === 2 ? new Array<number>(size).fill(numbers[0]) : numbers.slice(0, size)
  const high = numbers.length === 2 ? new Array<number>(size).fill(numbers[1]) : numbers.slice(size)
  const wrong = low.findIndex((value, i) => value >= high[i])
  if (wrong >= 0)
    throw new UserError(
      'missing-answer',
      `actionBounds: the lowest action ${low[wrong]} is not below the highest, ${high[wrong]}`
    )
  return { low, high }
}

function askOutside(
  share: number,
  clamps: boolean,
  answers: ImportAnswers,
  draft: Draft
): 'clip' | 'rescale' | 'unbounded' {
  const shown = Number((100 * share).toPrecision(3))
  draft.problems.push(warning(`${shown} % of rows have an action component outside the bounds`))
  draft.questions.push({
    id: 'actionsOutside',
    text: `${shown} % of rows have an action outside the bounds. How should training treat them?`,
    help: `Stored actions and rewards stay as they are. ${clamps ? 'The simulator clamps actions to the bounds, so clipping keeps what it did.' : ''}`.trim(),
    options: [
      { value: 'clip', label: 'Clip to the bounds' },
      { value: 'rescale', label: 'Widen the bounds to the data' },
      { value: 'unbounded', label: 'Keep them; the policy is unbounded' }
    ],
    default: clamps ? 'clip' : null,
    input: 'choice'
  })
  const answer = answers.actionsOutside
  return answer === 'rescale' || answer === 'unbounded' ? answer : 'clip'
}

/**
 * Refuses to go on while a question without a default is open, or an answer is none of its options.
 * @throws UserError('missing-answer') that names the question and its options
 */
export function requireAnswers(questions: readonly ImportQuestion[], answers: ImportAnswers): void {
  for (const { id, text, options, default: fallback, input } of questions) {
    const answer = answers[id] as string | undefined
    const choices = options.map(option => option.value)
    if (answer === undefined && fallback === null) {
      const known = choices.length > 0 ? ` with ${choices.slice(0, 12).join(', ')}` : ''
      throw new UserError('missing-answer', `the file leaves open: ${text} Answer ${id}${known}`, {
        question: id,
        options: choices
      })
    }
    if (answer !== undefined && input === 'choice' && !choices.includes(answer)) {
      throw new UserError(
        'missing-answer',
        `"${answer.slice(0, 100)}" does not answer ${id}; choose one of ${choices.slice(0, 12).join(', ')}`,
        { question: id, options: choices }
      )
    }
  }
}
