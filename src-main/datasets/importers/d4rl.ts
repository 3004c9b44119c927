/**
 * D4RL's HDF5 layout: flat arrays with one row a step. `terminals` are ends of the task, `timeouts` time limits; next observations
 * may be there or not. Reference: d4rl/offline_env.py and the generation scripts of Farama-Foundation/D4RL.
 */
import { UserError } from '../../base/errors.ts'
import { sizeOf } from '../../base/tensors.ts'
import { blockReader, readFlags } from './blocks.ts'
import { readFlat, type FlatColumn, type FlatSource } from './flat.ts'
import { type Hdf5File, isHdf5, openHdf5, rowsPerBlock } from './hdf5.ts'
import {
  type FileActions,
  type FileColumn,
  type OpenContext,
  type ImportedFile,
  type Importer,
  type ImportSource,
  type Problem,
  warning
} from './importer.ts'
import { knownTask, taskInFileName } from './knownTasks.ts'
import { requireReadable, requireWidth } from './limits.ts'
import { flatStates, useOfInfo } from './states.ts'

const uses: Readonly<Record<string, string>> = {
  observations: 'observations',
  actions: 'actions',
  rewards: 'rewards',
  terminals: 'terminations',
  timeouts: 'truncations',
  next_observations: 'next observations'
}

export const d4rl: Importer = {
  id: 'd4rl',
  title: 'D4RL (HDF5)',
  match: isHdf5,
  async open(source, context) {
    const file = await openHdf5(source.path)
    if (file.kind('/observations') !== 'dataset' || file.kind('/actions') !== 'dataset') return null
    return read(file, source, context)
  }
}

async function read(file: Hdf5File, source: ImportSource, context: OpenContext): Promise<ImportedFile> {
  const found = Object.keys(uses).filter(name => file.kind(`/${name}`) === 'dataset')
  const info = Object.fromEntries(found.map(name => [name, file.info(`/${name}`)]))
  const rows = info.observations.shape.at(0) ?? 0
  checkShapes(info, rows)
  const { provenance, environmentName } = describe(file, source)
  const task = knownTask(environmentName)
  const flat = await flatSource(file, info, source, task.horizon, context)
  const result = await readFlat(flat, context.answers, context.progress)
  const problems: Problem[] = [...task.caveats.map(warning), ...result.problems]
  const states = flatStates(file, result.columns, rows, problems)
  return {
    ...result,
    columns: states === undefined ? result.columns : { ...result.columns, states },
    fileColumns: listColumns(file, states !== undefined),
    observationNames: [],
    actionNames: [],
    actions: actionsOf(info.actions),
    environmentName,
    suggestedName: source.name.replace(/\.(hdf5|h5)$/i, ''),
    scoreReference: task.scoreReference,
    problems,
    provenance
  }
}

type Info = ReturnType<Hdf5File['info']>
type Columns = Readonly<Record<string, Info>>

const isInteger = (info: Info): boolean => info.integer && info.dtype !== 'bool'

function actionsOf(info: Info): FileActions {
  const width = sizeOf(info.shape.slice(1))
  return isInteger(info) && width === 1
    ? { kind: 'discrete', count: null, start: 0 }
    : { kind: 'continuous', low: null, high: null }
}

/** D4RL keeps one row a step in every column. */
function checkShapes(info: Columns, rows: number): void {
  for (const [name, { shape, numeric, dtype }] of Object.entries(info)) {
    if (!numeric)
      throw new UserError(
        'invalid-file',
        `${name} holds ${dtype}, not numbers; save it as float32 or integers`
      )
    if (shape.length === 0)
      throw new UserError('invalid-file', `${name} is a single number; D4RL keeps one row a step`)
    requireReadable(name, shape)
    if (shape[0] !== rows)
      throw new UserError(
        'invalid-file',
        `${name} has ${shape[0] ?? 0} rows, observations ${rows} (D4RL expects equal)`
      )
    const width = sizeOf(shape.slice(1))
    if (name === 'next_observations' && width !== sizeOf(info.observations.shape.slice(1))) {
      throw new UserError(
        'invalid-file',
        `next_observations have ${width} numbers a row, observations ${sizeOf(info.observations.shape.slice(1))}`
      )
    }
    if (['rewards', 'terminals', 'timeouts'].includes(name) && width !== 1) {
      throw new UserError(
        'invalid-file',
        `${name} has shape [${shape.join(', ')}]; D4RL expects one number a row`
      )
    }
    if (width === 0)
      throw new UserError('invalid-file', `${name} has shape [${shape.join(', ')}]: no numbers in a row`)
  }
  if (info.observations.shape.length > 2) refuseImages(info.observations.shape)
  for (const name of ['observations', 'actions'] as const)
    requireWidth(name, sizeOf(info[name].shape.slice(1)))
}

function refuseImages(shape: readonly number[]): never {
  throw new UserError(
    'unsupported',
    `observations have shape [${shape.join(', ')}]; images and other arrays of more than one dimension are not supported`
  )
}

async function flatSource(
  file: Hdf5File,
  info: Columns,
  source: ImportSource,
  knownHorizon: number | null,
  { progress, narrowing }: OpenContext
): Promise<FlatSource> {
  const rows = info.observations.shape[0]
  const readers = new Map<FlatColumn, (first: number, count: number) => Float32Array>()
  const names: Record<FlatColumn, string> = {
    observations: 'observations',
    nextObservations: 'next_observations',
    actions: 'actions',
    rewards: 'rewards'
  }
  for (const [column, name] of Object.entries(names) as [FlatColumn, string][]) {
    if (name in info)
      readers.set(column, blockReader(file, `/${name}`, rows, sizeOf(info[name].shape.slice(1)), narrowing))
  }
  const flags = (name: string) =>
    name in info ? readFlags(file, `/${name}`, rows, () => progress(`reading ${name}`, 0, 0)) : null
  return {
    rows,
    observationSize: sizeOf(info.observations.shape.slice(1)),
    actionSize: sizeOf(info.actions.shape.slice(1)),
    has: { nextObservations: readers.has('nextObservations'), rewards: readers.has('rewards') },
    read: (column, first, count) => readers.get(column)!(first, count),
    terminated: await flags('terminals'),
    truncated: await flags('timeouts'),
    episodeEnds: null,
    finalObservations: new Map(),
    knownHorizon,
    sourceName: source.name,
    blockRows: rowsPerBlock(sizeOf(info.observations.shape.slice(1)))
  }
}

/**
 * What D4RL's mazes record beside the task: the place that the recording controller headed for. Rewards and terminals were computed
 * anew for the task's own goal afterwards (its scripts relabel_*_rewards.py), so it is not the goal of an episode.
 */
const soughtGoal = 'not imported: where the recorder headed, which is not what rewards are paid for'

/** Names of one group that are listed. */
const listedNames = 50

/** The datasets of the file, two levels deep, with what becomes of it. */
function listColumns(file: Hdf5File, withStates: boolean): FileColumn[] {
  return file
    .keys('/')
    .slice(0, listedNames)
    .flatMap(name => {
      const path = `/${name}`
      const kind = file.kind(path)
      if (kind === 'dataset') return [columnOf(file, path, name, uses[name] ?? 'not imported')]
      if (kind !== 'group') return []
      const use = name === 'metadata' ? 'description' : 'not imported'
      return file
        .keys(path)
        .slice(0, listedNames)
        .flatMap(key => {
          const inner = `${path}/${key}`
          const state =
            name === 'infos' ? (key === 'goal' ? soughtGoal : withStates ? useOfInfo(key) : null) : null
          return file.kind(inner) === 'dataset' ? [columnOf(file, inner, `${name}/${key}`, state ?? use)] : []
        })
    })
}

function columnOf(file: Hdf5File, path: string, name: string, use: string): FileColumn {
  try {
    const { dtype, shape } = file.info(path)
    return { name, dtype, shape: [...shape], use }
  } catch (error) {
    // A column that is not imported may be unreadable; one that is has been read before.
    if (error instanceof UserError) return { name, dtype: 'unreadable', shape: [], use: 'not imported' }
    throw error
  }
}

/** Scalars under `metadata`, and the environment that they or the file's name tell. */
function describe(
  file: Hdf5File,
  source: ImportSource
): { provenance: Record<string, string>; environmentName: string | null } {
  const provenance: Record<string, string> = {}
  if (file.kind('/metadata') === 'group') {
    for (const key of file.keys('/metadata').slice(0, 50)) {
      const path = `/metadata/${key}`
      if (file.kind(path) !== 'dataset' || sizeOf(file.info(path).shape) > 16) continue
      provenance[key] = file.text(path).slice(0, 1000)
    }
  }
  const named = provenance.env_id ?? provenance.env ?? provenance.env_name ?? null
  return { provenance, environmentName: named ?? taskInFileName(source.name) }
}
