/** Which CSV column is what: our documented names decide, similar names are suggested, the rest is asked. */
import type { ImportAnswers, ImportQuestion } from '../../../src-preload/contract/datasets.ts'
import { UserError } from '../../base/errors.ts'

export const singleRoles = ['episode', 'step', 'reward', 'terminated', 'truncated'] as const
type SingleRole = (typeof singleRoles)[number]
type ListRole = 'observation' | 'action' | 'nextObservation'

/** Positions of the columns; null or empty where there is none. */
export interface CsvLayout {
  readonly single: Readonly<Record<SingleRole, number | null>>
  readonly lists: Readonly<Record<ListRole, readonly number[]>>
  readonly questions: readonly ImportQuestion[]
  /** Columns that only stand in until a question is answered: what they hold need not be numbers. */
  readonly provisional: ReadonlySet<number>
}

interface Draft {
  single: Record<SingleRole, number | null>
  lists: Record<ListRole, number[]>
}

const aliases: Readonly<Record<SingleRole, RegExp>> = {
  episode: /^(episode|episode_?id|ep|trajectory|traj_?id)$/i,
  step: /^(step|timestep|time_?step|t)$/i,
  reward: /^(reward|rewards|r)$/i,
  terminated: /^(terminated|terminal|terminals|termination|done)$/i,
  truncated: /^(truncated|timeout|timeouts|truncation)$/i
}
const listAliases: Readonly<Record<ListRole, RegExp>> = {
  observation: /^(?:observations?|obs|states?|s)[:_.[ ]?(\d+)\]?$/i,
  action: /^(?:actions?|act|a|u)[:_.[ ]?(\d*)\]?$/i,
  nextObservation: /^(?:next_?(?:observations?|obs|states?)|s2)[:_.[ ]?(\d+)\]?$/i
}
const documented: Readonly<Record<ListRole, RegExp>> = {
  observation: /^observation:(\d+)$/,
  action: /^action(?::(\d+))?$/,
  nextObservation: /^nextObservation:(\d+)$/
}

/**
 * Assigns columns to roles from the header, the first row below it, and the answers.
 * @throws UserError('invalid-file' | 'missing-answer')
 */
export function layoutOf(
  header: readonly string[],
  first: readonly string[],
  answers: ImportAnswers
): CsvLayout {
  const exact = assign(header, role => name => name === role, documented)
  if (exact.lists.observation.length > 0 && exact.lists.action.length > 0)
    return { ...exact, questions: [], provisional: new Set() }
  const suggested = assign(header, role => name => aliases[role].test(name), listAliases)
  const questions = questionsFor(header, suggested)
  return { ...answered(header, first, suggested, answers), questions }
}

function assign(
  header: readonly string[],
  test: (role: SingleRole) => (name: string) => boolean,
  lists: Readonly<Record<ListRole, RegExp>>
): Draft {
  const single = Object.fromEntries(
    singleRoles.map(role => {
      const at = header.findIndex(test(role))
      return [role, at < 0 ? null : at]
    })
  ) as Record<SingleRole, number | null>
  const numbered = (role: ListRole) =>
    header
      .map((name, at) => ({ at, match: lists[role].exec(name) }))
      .filter(entry => entry.match !== null)
      .sort((a, b) => Number(a.match![1] || 0) - Number(b.match![1] || 0))
      .map(entry => entry.at)
  return {
    single,
    lists: {
      observation: numbered('observation'),
      action: numbered('action'),
      nextObservation: numbered('nextObservation')
    }
  }
}

const listTexts: Readonly<Record<'observation' | 'action', string>> = {
  observation: 'Which columns are the observation?',
  action: 'Which columns are the action?'
}
const singleTexts: Readonly<Record<Exclude<SingleRole, 'step'>, string>> = {
  episode: 'Which column numbers the episodes?',
  reward: 'Which column is the reward?',
  terminated: 'Which column marks terminations?',
  truncated: 'Which column marks time limits?'
}
const help =
  'Documented names are episode, step, observation:0, action:0, reward, terminated, truncated; see docs/formats/csv.md.'

function questionsFor(header: readonly string[], draft: Draft): ImportQuestion[] {
  const options = header.map(name => ({ value: name, label: name }))
  const lists = (['observation', 'action'] as const).map((role): ImportQuestion => {
    const names = draft.lists[role].map(at => header[at])
    return {
      id: `${role}Columns`,
      text: listTexts[role],
      // Once: it holds for all of them.
      help: role === 'observation' ? help : '',
      options,
      default: names.length > 0 ? JSON.stringify(names) : null,
      input: 'multiple'
    }
  })
  const singles = (Object.keys(singleTexts) as Exclude<SingleRole, 'step'>[]).map((role): ImportQuestion => {
    const at = draft.single[role]
    return {
      id: `${role}Column`,
      text: singleTexts[role],
      help: '',
      options: [{ value: '', label: 'none' }, ...options],
      default: at === null ? '' : header[at],
      input: 'choice'
    }
  })
  return [...lists, ...singles]
}

function answered(
  header: readonly string[],
  first: readonly string[],
  draft: Draft,
  answers: ImportAnswers
): Omit<CsvLayout, 'questions'> {
  const position = (name: string, id: string) => {
    const at = header.indexOf(name)
    if (at < 0)
      throw new UserError(
        'missing-answer',
        `there is no column "${name.slice(0, 100)}"; answer ${id} with names from the header`
      )
    return at
  }
  const list = (role: 'observation' | 'action', fallback: number[]) => {
    const answer = answers[`${role}Columns`]
    return answer === undefined ? fallback : listed(answer).map(name => position(name, `${role}Columns`))
  }
  const single = { ...draft.single }
  for (const role of ['episode', 'reward', 'terminated', 'truncated'] as const) {
    const answer = answers[`${role}Column`]
    if (answer !== undefined) single[role] = answer === '' ? null : position(answer, `${role}Column`)
  }
  const known = {
    observation: list('observation', draft.lists.observation),
    action: list('action', draft.lists.action)
  }
  const used = new Set([...Object.values(single), ...known.observation, ...known.action])
  const free = header
    .map((_, at) => at)
    .filter(at => !used.has(at) && first[at] !== '' && Number.isFinite(Number(first[at])))
  const { observation, action } = standIns(header, free, known)
  const provisional = new Set(free.filter(at => observation.includes(at) || action.includes(at)))
  return { single, lists: { ...draft.lists, observation, action }, provisional }
}

/** What is shown before the questions are answered: every free column of numbers is an observation, the last one an action. */
function standIns(
  header: readonly string[],
  free: readonly number[],
  known: { observation: number[]; action: number[] }
) {
  const [missing, left] = [known.action.length === 0, [...free]]
  const action = missing ? left.splice(-1) : known.action
  const observation = known.observation.length > 0 ? known.observation : left
  if (observation.length === 0 || action.length === 0) {
    throw new UserError(
      'invalid-file',
      `the header ${header.join(', ').slice(0, 200)} leaves no columns of numbers for observations and actions`
    )
  }
  return { observation, action }
}

/** Names in a JSON list, or between commas. */
function listed(answer: string): string[] {
  if (!answer.trim().startsWith('[')) return answer.split(',').map(name => name.trim())
  try {
    return (JSON.parse(answer) as unknown[]).map(String)
  } catch {
    throw new UserError('missing-answer', `"${answer.slice(0, 100)}" is not a list of column names`)
  }
}
