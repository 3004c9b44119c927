import { createRequire } from 'node:module'
import type * as Ort from 'onnxruntime-node'
import { messageOf, UserError } from '../../base/errors.ts'

export type OrtModule = typeof Ort
export type OrtSession = Ort.InferenceSession
export type OrtTensor = Ort.Tensor
/** The part of the runtime that executes; by its own names. */
export type Provider = 'cpu' | 'webgpu' | 'dml' | 'cuda'

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

/** Version of the runtime; empty when it does not load. */
export function runtimeVersion(): string {
  const result = loadRuntime()
  return 'ort' in result ? (result.ort.env.versions.node ?? 'unknown') : ''
}

/**
 * How long an idle thread waits for work before it sleeps. The gaps between the large operations of a step are shorter; by default
 * threads spin so long that they take the processor from whatever runs beside, and from their own siblings.
 */
const spinMicroseconds = 100

export interface SessionPlace {
  readonly provider?: Provider
  /** Results that stay in the device's memory, as tensors that can be fed again; WebGPU alone can. */
  readonly kept?: readonly string[]
  /** Constants that the model names instead of holding them. */
  readonly external?: Readonly<Record<string, Float32Array>>
  /** Start of the name of a file that is written on release: each node that ran, and where. */
  readonly profile?: string
}

/**
 * A session for a model's bytes, on the CPU unless another place is given. Operations run one after another, each on `threads` threads.
 * Never call this in a worker thread: the runtime cannot be torn down there.
 * @throws Error in the runtime's words when the provider does not start or refuses the model
 */
export async function createSession(
  model: Uint8Array,
  threads: number,
  place: SessionPlace = {}
): Promise<OrtSession> {
  const { provider = 'cpu', kept = [], external = {}, profile } = place
  return runtime().InferenceSession.create(model, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    extra: { session: { intra_op: { spin_duration_us: String(spinMicroseconds) } } },
    ...(provider === 'dml' ? { enableMemPattern: false } : {}), // DirectML refuses to start with it
    preferredOutputLocation: Object.fromEntries(kept.map(name => [name, 'gpu-buffer' as const])),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    externalData: Object.entries(external).map(([path, data]) => ({ path, data: bytesOf(data) }))
  })
}

const bytesOf = (data: Float32Array): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
