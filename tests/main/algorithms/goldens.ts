import { existsSync } from 'node:fs'
import { join } from 'node:path'
import h5wasm, { ready } from 'h5wasm/node'
import type { Dataset, Entity, Group } from 'h5wasm/node'
import { floats, type HostTensor, type HostTensors } from '../../../src-main/base/tensors.ts'
import type { Columns } from './programs.ts'

const shared = join(import.meta.dirname, '../../../../shared')
const dataPath = join(shared, 'datasets/cs285-hopper-expert-v4.hdf5')

/** Path of a golden file, or null where the shared files are absent. */
export function goldenPath(name: string): string | null {
  const path = join(shared, 'goldens', `${name}.hdf5`)
  return existsSync(path) && existsSync(dataPath) ? path : null
}

/** A golden file: 300 updates of a reference implementation on the Hopper data. */
export interface Golden {
  readonly settings: Readonly<Record<string, unknown>>
  /** [300 * 64] */
  readonly indices: Int32Array
  /** All columns of the data that the reference read, [2000, width]. */
  readonly columns: Columns
  readonly initial: HostTensors
  readonly final: HostTensors
  readonly metrics: Readonly<Record<string, Float32Array>>
  readonly noise: Readonly<Record<string, Float32Array>>
}

/** Reads a golden and the data it was made on; actions are clipped as its settings say. */
export async function readGolden(path: string): Promise<Golden> {
  await ready
  const golden = new h5wasm.File(path, 'r')
  const data = new h5wasm.File(dataPath, 'r')
  const settings = Object.fromEntries(Object.entries(golden.attrs).map(([name, { value }]) => [name, value]))
  const clip = Number(settings.action_clip)
  const nonTerminal = array(golden, 'batches/terminations').map(flag => 1 - flag)
  const column = (width: number, values: Float32Array) => ({ width, data: values })
  const result: Golden = {
    settings,
    indices: (golden.get('batches/index') as Dataset).value as Int32Array,
    columns: {
      observations: column(11, array(data, 'observations')),
      actions: column(
        3,
        array(data, 'actions').map(action => Math.min(clip, Math.max(-clip, action)))
      ),
      rewards: column(1, array(data, 'rewards')),
      nextObservations: column(11, array(data, 'next_observations')),
      nonTerminal: column(1, nonTerminal)
    },
    initial: tensorsUnder(golden, 'initial'),
    final: tensorsUnder(golden, 'final'),
    metrics: arraysUnder(golden, 'metrics'),
    noise: golden.keys().includes('noise') ? arraysUnder(golden, 'noise') : {}
  }
  golden.close()
  data.close()
  return result
}

const array = (file: Group, path: string): Float32Array => (file.get(path) as Dataset).value as Float32Array

function arraysUnder(file: Group, path: string): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(tensorsUnder(file, path)).map(([name, { data }]) => [name, data as Float32Array])
  )
}

function tensorsUnder(file: Group, path: string): HostTensors {
  const visit = (entity: Entity | null, name: string): [string, HostTensor][] => {
    const group = entity as Group
    if (typeof group.keys === 'function') {
      return group.keys().flatMap(key => visit(group.get(key), name === '' ? key : `${name}/${key}`))
    }
    const { shape, value } = entity as Dataset
    return [[name, floats(shape ?? [], value as Float32Array)]]
  }
  return Object.fromEntries(visit(file.get(path), ''))
}

/** The tensor with its two axes exchanged; PyTorch keeps weights as [out, in]. */
export function transposed({ shape: [rows, columns], data }: HostTensor): HostTensor {
  const out = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]
  return floats([columns, rows], out)
}
