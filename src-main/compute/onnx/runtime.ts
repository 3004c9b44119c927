import { createRequire } from 'node:module'
import type * as Ort from 'onnxruntime-node'
import { messageOf, UserError } from '../../base/errors.ts'

export type OrtModule = typeof Ort
export type OrtSession = Ort.InferenceSession
export type OrtTensor = Ort.Tensor

let loaded: { readonly ort: OrtModule } | { readonly reason: string } | null = null

/** The runtime, or why its native library does not load on this machine. */
export function loadRuntime(): { readonly ort: OrtModule } | { readonly reason: string } {
  if (!loaded) {
    try {
      loaded = { ort: createRequire(import.meta.url)('onnxruntime-node') as OrtModule }
    } catch (error) {
      loaded = {
        reason: `onnxruntime-node does not load (${messageOf(error)}); run npm install again on this machine.`
      }
    }
  }
  return loaded
}

/**
 * The runtime.
 * @throws UserError `engine-unavailable` when its native library does not load
 */
export function runtime(): OrtModule {
  const result = loadRuntime()
  if ('reason' in result)
    throw new UserError('engine-unavailable', `Engine 'onnx' cannot be used here: ${result.reason}`)
  return result.ort
}

/**
 * A session on the CPU for a model's bytes. Operations run one after another, each on `threads` threads.
 * Never call this in a worker thread: the runtime cannot be torn down there.
 */
export async function createSession(model: Uint8Array, threads: number): Promise<OrtSession> {
  return runtime().InferenceSession.create(model, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3
  })
}
