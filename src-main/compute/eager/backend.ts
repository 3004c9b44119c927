import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import util from 'node:util'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import '../../base/gradients.ts'

/** The tfjs backend that eager runs use, with the version and device shown to people. */
export interface EagerBackend {
  readonly name: 'cpu' | 'tensorflow'
  readonly version: string
  readonly device: string
}

// Not named `require`: the build puts a shim of that name into files that use it.
const packages = createRequire(import.meta.url)
let chosen: EagerBackend | null = null

/** The TensorFlow binding when its native library is built and loads, else the plain JavaScript backend. */
export function eagerBackend(): EagerBackend {
  if (!chosen) {
    // Without it tfjs checks and warns at every op, and advertises another package.
    tf.env().set('PROD', true)
    chosen = nativeBackend() ?? { name: 'cpu', version: tf.version_core, device: 'CPU, plain JavaScript' }
  }
  return chosen
}

/** Makes the backend current; synchronous, because the backends used here start without waiting. */
export function useBackend(name: string): void {
  void tf.setBackend(name)
}

function nativeBackend(): EagerBackend | null {
  try {
    const folder = dirname(packages.resolve('@tensorflow/tfjs-node-gpu/package.json'))
    if (!existsSync(join(folder, 'lib'))) return null
    // tfjs-node 4.22 calls a helper that Node 23 removed.
    const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean }
    legacy.isNullOrUndefined ??= value => value === null || value === undefined
    packages('@tensorflow/tfjs-node-gpu')
    const backend = tf.findBackend('tensorflow') as { isUsingGpuDevice?: boolean } | null
    if (!backend) return null
    return { name: 'tensorflow', version: tf.version_core, device: backend.isUsingGpuDevice ? 'GPU' : 'CPU' }
  } catch {
    return null // A binding that does not load is the same as none; `doctor` shows the plain backend in use.
  }
}
