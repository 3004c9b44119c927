import { createRequire, Module } from 'node:module'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import { messageOf, UserError } from '../../base/errors.ts'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import type { Dtype, NumericArray } from '../../base/tensors.ts'
import { useBackend } from '../eager/backend.ts'
import { bindingPath, readInstalled } from './location.ts'
import { encodeSavedModel, type TfModel } from './proto.ts'

/** A loaded signature of a SavedModel: named tensors in, named tensors out. */
export interface Signature {
  predict(inputs: Readonly<Record<string, tf.Tensor>>): Readonly<Record<string, tf.Tensor>>
  dispose(): void
}
interface TfNodePackage {
  readonly node: { loadSavedModel(path: string, tags: string[], signature: string): Promise<Signature> }
}
const backendName = 'tensorflow'

let loaded: TfNodePackage | null = null

/**
 * The JavaScript package on the installed libraries. They take 350 MB, so only processes that compute load them; the number of
 * threads is fixed by then.
 * @param threads operations that run side by side, each on one thread
 * @param precision of products on a GPU; fixed by the first call
 * @throws UserError `engine-unavailable` with the reason and the next step; `details.reason` is the reason alone
 */
export function loadTensorflow(threads: number, precision: Precision = 'float32'): TfNodePackage {
  if (loaded) {
    checkProducts(precision)
    return loaded
  }
  const installed = readInstalled()
  if ('reason' in installed) throw unavailable(installed.reason)
  setEnvironment(threads, installed.installed.gpu, precision)
  const previous = tf.engine().backendName
  try {
    loaded = requirePackage(bindingPath())
  } catch (error) {
    const reason = `it does not load (${messageOf(error)})`
    throw unavailable(`${reason}; install it again with: stitchwork engines install tensorflow`, { reason })
  } finally {
    if (previous) useBackend(previous)
  }
  return loaded
}

const unavailable = (reason: string, details?: Readonly<Record<string, unknown>>): UserError =>
  new UserError('engine-unavailable', `Engine 'tensorflow' cannot be used here: ${reason}`, details)

/** The libraries read these when they are loaded. */
function setEnvironment(threads: number, gpu: boolean, precision: Precision): void {
  // Products of 256x256 gain more from running side by side than from being cut in pieces.
  process.env.TF_NUM_INTRAOP_THREADS = '1'
  process.env.TF_NUM_INTEROP_THREADS = String(threads)
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3'
  // Without this the first session takes all memory of the GPU.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true'
  if (!gpu) process.env.CUDA_VISIBLE_DEVICES ??= '-1'
  // TensorFlow multiplies in TF32 wherever a GPU can; NVIDIA's libraries read this when they start, whatever a person has set.
  process.env[tf32Variable] = precision === 'tf32' ? '1' : '0'
}

const tf32Variable = 'NVIDIA_TF32_OVERRIDE'

/** @throws UserError when the libraries were started for other products: a process has one precision for good */
function checkProducts(precision: Precision): void {
  if (precision === 'tf32' && process.env[tf32Variable] !== '1')
    throw unavailable('its libraries were started in float32 here; TF32 needs a process of its own.')
}

/** The package looks for its native part through node-pre-gyp; for the length of this call it finds ours. */
function requirePackage(binding: string): TfNodePackage {
  // Not named `require`: the build puts a shim of that name into files that use it.
  const packages = createRequire(
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json')
  )
  // tfjs-node 4.22 calls a helper that Node 23 removed.
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean }
  legacy.isNullOrUndefined ??= value => value === null || value === undefined
  const finder = packages.resolve('@mapbox/node-pre-gyp')
  const before = packages.cache[finder]
  packages.cache[finder] = Object.assign(new Module(finder), {
    ...{ filename: finder, loaded: true, exports: { find: () => binding } }
  })
  try {
    return packages('@tensorflow/tfjs-node-gpu') as TfNodePackage
  } finally {
    if (before) packages.cache[finder] = before
    else Reflect.deleteProperty(packages.cache, finder)
  }
}

/** True when the loaded libraries compute on a GPU. */
export function usesGpu(): boolean {
  return (tf.findBackend(backendName) as { isUsingGpuDevice?: boolean } | null)?.isUsingGpuDevice === true
}

/** Runs something with TensorFlow's backend current, for making, reading and deleting its tensors. */
export function onTensorflow<T>(work: () => T): T {
  const previous = tf.engine().backendName
  useBackend(backendName)
  try {
    return work()
  } finally {
    if (previous && previous !== backendName) useBackend(previous)
  }
}

/** A tensor with the values; the memory is TensorFlow's own afterwards. */
export function makeTensor(data: NumericArray, shape: readonly number[], dtype: Dtype): tf.Tensor {
  return tf.tensor(data, [...shape], dtype)
}

/** Loads the signatures of a model; they share its variables. */
export async function loadModel(
  model: TfModel,
  threads: number
): Promise<Readonly<Record<string, Signature>>> {
  const { node } = loadTensorflow(threads)
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-model-'))
  const previous = tf.engine().backendName
  try {
    writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(model))
    const signatures: Record<string, Signature> = {}
    for (const name of Object.keys(model.signatures)) {
      useBackend(backendName)
      signatures[name] = await node.loadSavedModel(folder, ['serve'], name)
    }
    return signatures
  } finally {
    if (previous) useBackend(previous)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** True when XLA refused a graph that TensorFlow itself may well run. */
export const isCompileError = (error: unknown): boolean =>
  /unsupported operations|XLA|compil/i.test(messageOf(error))
