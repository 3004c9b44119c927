/**
 * What both Minari layouts share: `metadata.json`, spaces, and episodes of T + 1 observations and T actions with a termination and
 * a truncation flag each step (Farama-Foundation/Minari 0.5).
 */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type {
  EndReason,
  ImportAnswers,
  ImportQuestion,
  ScoreReference
} from '../../../src-preload/contract/datasets.ts'
import { UserError } from '../../base/errors.ts'
import { openProblem } from '../../base/files.ts'
import { ColumnsBuilder, type NeutralEpisode } from '../build.ts'
import {
  type FileActions,
  type FileColumn,
  info,
  type ImportedFile,
  type Problem,
  warning
} from './importer.ts'
import { knownTask } from './knownTasks.ts'
import { requireWidth } from './limits.ts'
import { MinariStates } from './minariStates.ts'
import type { RecordedStates } from './states.ts'
import {
  actionsOf,
  expandLeaf,
  type Leaf,
  leafName,
  leafSize,
  leavesOf,
  parsePythonJson,
  parseSpace
} from './spaces.ts'

const count = z.number().int().nonnegative()
const metadataSchema = z.looseObject({
  total_episodes: count.optional(),
  total_steps: count.optional(),
  data_format: z.string().optional(),
  observation_space: z.string().optional(),
  action_space: z.string().optional(),
  env_spec: z.string().nullish(),
  dataset_id: z.string().optional(),
  ref_min_score: z.number().nullish(),
  ref_max_score: z.number().nullish()
})
export type MinariMetadata = z.infer<typeof metadataSchema>

/** How an Arrow file begins. */
export const arrowMagic = Buffer.from('ARROW1')

const maximumMetadataBytes = 16 << 20

/** Reads a `metadata.json`; symbolic links are not followed. @returns null when there is none @throws UserError('invalid-file') */
export async function readMetadata(path: string): Promise<MinariMetadata | null> {
  const text = await readSmallFile(path)
  if (text === null) return null
  const parsed = metadataSchema.safeParse(parsePythonJson(text, 'metadata.json'))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new UserError(
      'invalid-file',
      `metadata.json: ${issue.path.join('.') || 'the file'}: ${issue.message}`
    )
  }
  return parsed.data
}

/** A small regular text file, or null when it is absent. */
async function readSmallFile(path: string): Promise<string | null> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return null
    if ((error as { code?: string }).code === 'ELOOP') {
      throw new UserError(
        'unsupported',
        'metadata.json is a symbolic link; an import reads only what lies in the folder that was picked'
      )
    }
    throw new UserError('invalid-file', `metadata.json ${openProblem(error)}`)
  })
  if (file === null) return null
  try {
    const { size } = await file.stat()
    if (size > maximumMetadataBytes)
      throw new UserError('invalid-file', `metadata.json has ${size} bytes; that is no Minari metadata`)
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

export const metadataBeside = (path: string): string => join(dirname(path), 'metadata.json')

/** What the metadata says of the data: leaves of the observation, action space, names. */
export interface MinariPlan {
  readonly metadata: MinariMetadata
  readonly leaves: readonly Leaf[]
  readonly actions: FileActions
  readonly actionSize: number
  readonly questions: readonly ImportQuestion[]
}

/** Goals that were reached, not sought: not part of what a policy should see unless asked for. */
const offByDefault = 'achieved_goal'

/** Reads the spaces and asks which keys of a Dict observation to keep. @throws UserError */
export function planMinari(metadata: MinariMetadata, answers: ImportAnswers): MinariPlan {
  const space = (text: string | undefined, where: string) => {
    if (text === undefined)
      throw new UserError(
        'invalid-file',
        `metadata.json has no ${where}; the shapes of this dataset cannot be known`
      )
    return parseSpace(parsePythonJson(text, `${where} of metadata.json`), where)
  }
  const observations = space(metadata.observation_space, 'observation_space')
  const { actions, size } = actionsOf(space(metadata.action_space, 'action_space'))
  const base = { metadata, actions, actionSize: size }
  if (observations.type !== 'Dict') return { ...base, leaves: leavesOf(observations), questions: [] }
  const names = observations.subspaces.map(([key]) => key)
  const defaults = names.filter(name => name !== offByDefault)
  const chosen =
    answers.observationKeys === undefined ? defaults : parseChosen(answers.observationKeys, names)
  const kept = observations.subspaces.filter(([key]) => chosen.includes(key))
  const leaves = leavesOf({ type: 'Dict', subspaces: kept })
  return {
    ...base,
    leaves,
    questions: [
      keysQuestion(
        observations.subspaces.map(([key]) => key),
        defaults
      )
    ]
  }
}

function keysQuestion(names: readonly string[], defaults: readonly string[]): ImportQuestion {
  return {
    id: 'observationKeys',
    text: 'Which parts of the observation should the policy see?',
    help: 'They are joined in this order. An achieved goal is left out unless it is chosen: it tells the policy where it is, not where to go.',
    options: names.map(value => ({ value, label: value })),
    default: JSON.stringify(defaults),
    input: 'multiple'
  }
}

/** A choice of several: a JSON list, or names between commas. @throws UserError('missing-answer') */
function parseChosen(answer: string, names: readonly string[]): string[] {
  const listed = answer.trim().startsWith('[')
    ? (parsePythonJson(answer, 'the answer observationKeys') as unknown[]).map(String)
    : answer.split(',').map(part => part.trim())
  const unknown = listed.find(name => !names.includes(name))
  if (unknown !== undefined || listed.length === 0) {
    throw new UserError(
      'missing-answer',
      `"${unknown ?? answer}" is no key of the observation; answer observationKeys with some of ${names.join(', ')}`
    )
  }
  return listed
}

/** One episode as either layout gives it; flags are per step. */
export interface MinariEpisode {
  readonly name: string
  /** Of each leaf, [T + 1 or T, stored]. */
  readonly leaves: readonly Float32Array[]
  readonly actions: Float32Array
  readonly rewards: Float32Array
  readonly terminations: Float32Array
  readonly truncations: Float32Array
  /** Joint positions and velocities of the simulator under `infos`; absent without. */
  readonly states?: RecordedStates | null
}

/** Collects episodes and what is odd about them. */
export class MinariReader {
  readonly plan: MinariPlan
  readonly sourceName: string
  readonly #builder: ColumnsBuilder
  readonly #states: MinariStates = new MinariStates()
  #both = 0
  #early = 0
  #short = 0
  #empty = 0

  constructor(plan: MinariPlan, sourceName: string) {
    this.plan = plan
    this.sourceName = sourceName
    const observationSize = plan.leaves.reduce((sum, leaf) => sum + leafSize(leaf), 0)
    requireWidth('observations', observationSize)
    requireWidth('actions', plan.actionSize)
    this.#builder = new ColumnsBuilder({ observationSize, actionSize: plan.actionSize, hasRewards: true })
  }

  get transitions(): number {
    return this.#builder.transitions
  }

  /** @throws UserError('invalid-file') when the parts of the episode do not fit each other */
  add(episode: MinariEpisode): void {
    const length = episode.rewards.length
    if (length === 0) {
      this.#empty++
      return
    }
    const { actionSize, leaves } = this.plan
    const fits = (what: string, rows: number, allowed: readonly number[]) => {
      if (!allowed.includes(rows))
        throw new UserError(
          'invalid-file',
          `${episode.name}: ${what} have ${rows} rows, rewards ${length} (expected ${allowed.join(' or ')})`
        )
    }
    fits('actions', episode.actions.length / actionSize, [length])
    fits('terminations', episode.terminations.length, [length])
    fits('truncations', episode.truncations.length, [length])
    const observed = episode.leaves[0].length / leaves[0].stored
    leaves.forEach((leaf, i) =>
      fits(
        `observations ${leafName(leaf)}`.trim(),
        episode.leaves[i].length / leaf.stored,
        i === 0 ? [length + 1, length] : [observed]
      )
    )
    if (observed === length) this.#short++
    this.#builder.add(this.#neutral(episode, observed))
    this.#states.add(episode.states ?? null, length)
  }

  #neutral(episode: MinariEpisode, observed: number): NeutralEpisode {
    const { actions, leaves } = this.plan
    const expanded = leaves.map((leaf, i) => expandLeaf(leaf, episode.leaves[i]))
    const start = actions.kind === 'discrete' ? actions.start : 0
    return {
      observations: interleave(expanded, leaves.map(leafSize), observed),
      actions: start === 0 ? episode.actions : episode.actions.map(action => action - start),
      rewards: episode.rewards,
      endReason: this.#endReason(episode),
      source: this.sourceName
    }
  }

  #endReason({ terminations, truncations }: MinariEpisode): EndReason {
    const last = terminations.length - 1
    for (let t = 0; t < last; t++) if (terminations[t] !== 0 || truncations[t] !== 0) this.#early++
    if (terminations[last] !== 0 && truncations[last] !== 0) this.#both++
    return terminations[last] !== 0 ? 'terminated' : truncations[last] !== 0 ? 'truncated' : 'cut'
  }

  finish(fileColumns: readonly FileColumn[]): ImportedFile {
    const states = this.#states.finish()
    const columns = { ...this.#builder.finish(), ...(states && { states }) }
    if (columns.episodes.length === 0)
      throw new UserError('invalid-file', `${this.sourceName} holds no episodes`)
    const { metadata, actions, leaves, questions } = this.plan
    const environmentName = environmentOf(metadata)
    return {
      columns,
      fileColumns,
      observationNames: leafNames(leaves, columns.observationSize),
      actionNames: [],
      actions,
      environmentName,
      suggestedName: metadata.dataset_id ?? this.sourceName,
      scoreReference: ownReference(metadata) ?? knownTask(environmentName).scoreReference,
      problems: [
        ...this.#problems(columns.episodes.length),
        ...knownTask(environmentName).caveats.map(warning)
      ],
      questions,
      provenance: provenanceOf(metadata)
    }
  }

  #problems(episodes: number): Problem[] {
    const problems: Problem[] = [...this.#states.problems]
    const { total_episodes: claimed, total_steps: steps } = this.plan.metadata
    if (claimed !== undefined && claimed !== episodes + this.#empty)
      problems.push(warning(`metadata.json counts ${claimed} episodes, the data hold ${episodes}`))
    if (steps !== undefined && steps !== this.transitions)
      problems.push(warning(`metadata.json counts ${steps} steps, the data hold ${this.transitions}`))
    if (this.#empty > 0)
      problems.push(
        warning(
          this.#empty === 1
            ? 'one episode without a step is left out'
            : `${this.#empty} episodes without a step are left out`
        )
      )
    if (this.#short > 0)
      problems.push(
        warning(`${this.#short} episodes hold no observation after their last action; it is marked missing`)
      )
    if (this.#early > 0)
      problems.push(
        warning(`${this.#early} steps inside episodes are marked as ends; only the last step's flags count`)
      )
    if (this.#both > 0)
      problems.push(
        info(`${this.#both} episodes are terminated and truncated at once; they count as terminated`)
      )
    return problems
  }
}

/** Joins leaves row by row. @param parts each [rows, size] */
function interleave(parts: readonly Float32Array[], sizes: readonly number[], rows: number): Float32Array {
  if (parts.length === 1) return parts[0]
  const width = sizes.reduce((sum, size) => sum + size, 0)
  const out = new Float32Array(rows * width)
  let offset = 0
  parts.forEach((part, i) => {
    for (let row = 0; row < rows; row++)
      out.set(part.subarray(row * sizes[i], (row + 1) * sizes[i]), row * width + offset)
    offset += sizes[i]
  })
  return out
}

function leafNames(leaves: readonly Leaf[], size: number): string[] {
  if (leaves.length === 1 && leaves[0].keys.length === 0 && leaves[0].discrete === null) return []
  const names = leaves.flatMap(leaf =>
    Array.from({ length: leafSize(leaf) }, (_, i) => {
      const base = leafName(leaf) || 'state'
      return leaf.discrete === null ? `${base}:${i}` : `${base}=${leaf.discrete.start + i}`
    })
  )
  return names.slice(0, size)
}

function environmentOf(metadata: MinariMetadata): string | null {
  if (!metadata.env_spec) return metadata.dataset_id ?? null
  const spec = parsePythonJson(metadata.env_spec, 'env_spec of metadata.json') as { id?: unknown } | null
  return typeof spec?.id === 'string' ? spec.id : null
}

function ownReference({ ref_min_score: low, ref_max_score: high }: MinariMetadata): ScoreReference | null {
  return typeof low === 'number' && typeof high === 'number' && high > low
    ? { low, high, source: "the dataset's own reference scores" }
    : null
}

const described = [
  'dataset_id',
  'algorithm_name',
  'author',
  'author_email',
  'code_permalink',
  'description',
  'minari_version',
  'data_format',
  'combined_datasets'
]

function provenanceOf(metadata: MinariMetadata): Record<string, string> {
  const entries = described.flatMap(key => {
    const value: unknown = metadata[key]
    if (value === undefined || value === null) return []
    return [[key, (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 2000)] as const]
  })
  return Object.fromEntries(entries)
}
