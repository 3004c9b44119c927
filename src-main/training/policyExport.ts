import { join } from 'node:path'
import {
  add,
  argMax,
  cast,
  clipByValue,
  div,
  mul,
  scalar,
  sub,
  type Tensor,
  tensor1d
} from '@tensorflow/tfjs-core'
import { UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import { floats, type HostTensors, specsOf, type TensorSpecs } from '../base/tensors.ts'
import { engineById } from '../compute/index.ts'
import { exportFunction, runOnnx } from '../compute/onnx/export.ts'
import type { PureFunction } from '../compute/program.ts'
import { loadDataset } from '../datasets/columns.ts'
import type { DatasetColumns } from '../datasets/dataset.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import { prepareTraining } from '../datasets/trainingView.ts'
import type { Method } from './buildProgram.ts'
import { type Checkpoint, readCheckpoint } from './checkpoints.ts'
import type { TrainingJob } from './messages.ts'
import { actFunction, compilePolicy, policyTensors } from './policy.ts'
import { methodOf } from './setup.ts'

/** Rows of the dataset on which the file is compared with the policy as it acts here. */
const checkedRows = 256
/** In units of the action range; both compute in float32, in another order. */
const largestDifference = 1e-4

/**
 * Writes a checkpoint's policy as ONNX: input `observations` [rows, O] as the environment gives them, output `actions` in the
 * environment's units, [rows, A] or [rows] int32. The file is checked in onnxruntime before it gets its name.
 * @returns its size and what the check found
 * @throws UserError('engine-failed') when the file does not act as the policy does here
 */
export async function exportPolicyModel(
  job: TrainingJob,
  checkpointName: string,
  file: string
): Promise<{ sizeBytes: number; checked: string }> {
  const dataset = await loadDataset(job.datasetFolder)
  const { algorithm, config } = methodOf(job)
  const { problem } = prepareTraining(dataset, config)
  const method: Method = { algorithm, config, problem }
  const checkpoint = await readCheckpoint(join(job.folder, 'checkpoints'), checkpointName)
  const { state } = checkpoint.snapshot
  const tensors = policyTensors(method, state)
  const { normaliser } = checkpoint.run
  const functionOf = (rows: number): PureFunction => rawPolicy(method, normaliser, specsOf(tensors), rows)
  const bytes = exportFunction(functionOf, tensors, describe(job, checkpoint, dataset.manifest.name))
  const checked = await check(bytes, { method, normaliser, state, job, columns: dataset.columns })
  await writeFileAtomic(file, bytes)
  return { sizeBytes: bytes.byteLength, checked }
}

function describe(job: TrainingJob, { snapshot }: Checkpoint, dataset: string): Record<string, string> {
  const { algorithm, seed, environmentId } = job
  return {
    algorithm,
    seed: `${seed}`,
    step: `${snapshot.step}`,
    dataset,
    environment: environmentId ?? '',
    config: JSON.stringify(job.config)
  }
}

/** Acting from raw observations to raw actions, as one function of the parameters. */
function rawPolicy(method: Method, normaliser: Normaliser, params: TensorSpecs, rows: number): PureFunction {
  const act = actFunction(method, params, rows)
  return {
    ...act,
    id: `${method.algorithm.id}/policy`,
    outputs: ['actions'],
    fn: (tensors, { observations }) => {
      const { actions, logits } = act.fn(tensors, { observations: normalised(normaliser, observations) })
      return { actions: rawActions(normaliser, actions ?? logits) }
    }
  }
}

function normalised({ observations: fit }: Normaliser, observations: Tensor): Tensor {
  return fit === null ? observations : div(sub(observations, tensor1d(fit.mean)), tensor1d(fit.scale))
}

function rawActions({ actions: map }: Normaliser, output: Tensor): Tensor {
  if (map.kind === 'discrete') {
    const chosen = cast(argMax(output, -1), 'int32')
    return map.start === 0 ? chosen : add(chosen, scalar(map.start, 'int32'))
  }
  const unit = map.clip ? clipByValue(output, -1, 1) : output
  const half = map.high.map((high, i) => (high - map.low[i]) / 2)
  return add(mul(add(unit, scalar(1)), tensor1d(half)), tensor1d([...map.low]))
}

interface Comparison {
  readonly method: Method
  readonly normaliser: Normaliser
  readonly state: HostTensors
  readonly job: TrainingJob
  readonly columns: DatasetColumns
}

async function check(bytes: Uint8Array, comparison: Comparison): Promise<string> {
  const { method, normaliser, state, job, columns } = comparison
  const observations = sampleRows(columns)
  const rows = observations.length / columns.observationSize
  const engine = await engineById(job.engine)
  const tensors = policyTensors(method, state)
  const policy = await compilePolicy(method, normaliser, tensors, rows, engine, { threads: 1 })
  await policy.bind(tensors)
  const expected = await policy.act(observations)
  await policy.close()
  const outputs = await runOnnx(bytes, {
    observations: floats([rows, columns.observationSize], observations)
  })
  const { actions: map } = normaliser
  const differences = Array.from(outputs.actions.data, (value, i) =>
    map.kind === 'discrete'
      ? Number(value - map.start !== expected[i])
      : Math.abs(value - expected[i]) / (map.high[i % map.high.length] - map.low[i % map.low.length])
  )
  const differing = map.kind === 'discrete' ? differences.filter(value => value > 0).length : 0
  const worst = differences.reduce((most, value) => Math.max(most, value), 0)
  if (map.kind === 'discrete' ? differing > rows / 100 : !(worst <= largestDifference)) {
    throw new UserError(
      'engine-failed',
      `the exported policy differs from the trained one by up to ${worst} of the action range`
    )
  }
  return map.kind === 'discrete'
    ? `Compared in ONNX Runtime on ${rows} observations of the dataset: ${rows - differing} equal actions, ${differing} different.`
    : `Compared in ONNX Runtime on ${rows} observations of the dataset: largest difference ${worst.toExponential(1)} of the action range.`
}

/** Finite observations spread evenly over the dataset. */
function sampleRows({ observations, observationSize }: DatasetColumns): Float32Array {
  const count = observations.length / observationSize
  const every = Math.max(1, Math.floor(count / checkedRows))
  const rows: Float32Array[] = []
  for (let row = 0; row < count && rows.length < checkedRows; row += every) {
    const observation = observations.subarray(row * observationSize, (row + 1) * observationSize)
    if (observation.every(Number.isFinite)) rows.push(observation)
  }
  const sample = new Float32Array(rows.length * observationSize)
  rows.forEach((row, i) => sample.set(row, i * observationSize))
  return sample
}
