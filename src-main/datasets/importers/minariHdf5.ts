import { UserError } from '../../base/errors.ts'
import { sizeOf } from '../../base/tensors.ts'
import { type Hdf5File, isHdf5, openHdf5, rowsPerBlock } from './hdf5.ts'
import type { FileColumn, Importer } from './importer.ts'
import { requireReadable } from './limits.ts'
import { metadataBeside, type MinariEpisode, MinariReader, planMinari, readMetadata } from './minari.ts'
import type { Narrowing } from './narrowing.ts'
import { type Leaf, leafName } from './spaces.ts'
import { groupStates, useOfInfo } from './states.ts'

/** Minari's HDF5 layout: `main_data.hdf5` with a group `episode_<i>` each, and `metadata.json` beside it. */
export const minariHdf5: Importer = {
  id: 'minari-hdf5',
  title: 'Minari (HDF5)',
  match: isHdf5,
  async open(source, { answers, progress, narrowing }) {
    const file = await openHdf5(source.path)
    const groups = file.keys('/').filter(name => /^episode_\d+$/.test(name))
    if (groups.length === 0) return null
    const metadata = await readMetadata(metadataBeside(source.path))
    if (metadata === null) {
      throw new UserError(
        'invalid-file',
        `${source.name} is a Minari file, but metadata.json is not beside it; import the dataset's data folder whole`
      )
    }
    const reader = new MinariReader(planMinari(metadata, answers), metadata.dataset_id ?? source.name)
    const ordered = inOrder(groups)
    for (let i = 0; i < ordered.length; i++) {
      reader.add(readEpisode(file, ordered[i], reader.plan.leaves, narrowing))
      await progress('reading episodes', i + 1, ordered.length)
    }
    return reader.finish(columnsOf(file, ordered[0], reader.plan.leaves))
  }
}

const numberOf = (group: string): number => Number(group.slice('episode_'.length))
const inOrder = (groups: string[]): string[] => groups.sort((a, b) => numberOf(a) - numberOf(b))

/** `_index_<i>` and other names are groups of the file; the path is the keys of the Dict. */
const leafPath = (group: string, leaf: Leaf): string => ['', group, 'observations', ...leaf.keys].join('/')

function readEpisode(
  file: Hdf5File,
  group: string,
  leaves: readonly Leaf[],
  narrowing: Narrowing
): MinariEpisode {
  const whole = (path: string, width: number | null = null) =>
    readWhole(file, path, narrowing, path.slice(group.length + 2), width)
  const column = (name: string) => whole(`/${group}/${name}`)
  return {
    name: group,
    leaves: leaves.map(leaf => whole(leafPath(group, leaf), leaf.stored)),
    actions: column('actions'),
    rewards: column('rewards'),
    terminations: column('terminations'),
    truncations: column('truncations'),
    states: groupStates(file, group)
  }
}

function readWhole(
  file: Hdf5File,
  path: string,
  narrowing: Narrowing,
  name: string,
  width: number | null
): Float32Array {
  if (file.kind(path) !== 'dataset')
    throw new UserError('invalid-file', `${path} is missing; Minari keeps it in every episode`)
  const { shape, numeric, dtype } = file.info(path)
  if (!numeric) throw new UserError('unsupported', `${path} holds ${dtype}, not numbers`)
  const rowLength = sizeOf(shape.slice(1))
  if (width !== null && rowLength !== width) {
    throw new UserError(
      'invalid-file',
      `${path} has ${rowLength} numbers a step, the observation space ${width}`
    )
  }
  requireReadable(path, shape)
  const rows = shape[0] ?? 0
  const out = new Float32Array(rows * rowLength)
  const block = rowsPerBlock(rowLength)
  for (let first = 0; first < rows; first += block)
    out.set(narrowing.take(file.rows(path, first, Math.min(block, rows - first)), name), first * rowLength)
  return out
}

/** Shapes of one episode; `rows` differ from episode to episode. */
function columnsOf(file: Hdf5File, group: string, leaves: readonly Leaf[]): FileColumn[] {
  const one = (path: string, name: string, use: string): FileColumn => {
    const { dtype, shape } = file.info(path)
    return { name, dtype, shape: [...shape], use }
  }
  const states = groupStates(file, group)
  return [
    ...leaves.map(leaf =>
      one(leafPath(group, leaf), ['observations', leafName(leaf)].filter(Boolean).join('/'), 'observations')
    ),
    one(`/${group}/actions`, 'actions', 'actions'),
    one(`/${group}/rewards`, 'rewards', 'rewards'),
    one(`/${group}/terminations`, 'terminations', 'terminations'),
    one(`/${group}/truncations`, 'truncations', 'truncations'),
    ...['qpos', 'qvel'].flatMap(name => {
      const path = `/${group}/infos/${name}`
      return states !== null && file.kind(path) === 'dataset'
        ? [one(path, `infos/${name}`, useOfInfo(name) ?? '')]
        : []
    })
  ]
}
