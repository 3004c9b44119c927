import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadRuntime, type Provider } from './runtime.ts'

/** A part of ONNX Runtime that computes on a graphics device. */
export interface GpuProvider {
  /** The engine's id. */
  readonly id: string
  readonly provider: Exclude<Provider, 'cpu'>
  /** Its name in the runtime's profiles. */
  readonly profileName: string
  readonly title: string
  readonly device: string
  /** Where the npm package brings it. */
  readonly platforms: readonly string[]
  /** Steps in one call of the runtime. Where the state crosses at every call there are more, so that it does not show. */
  readonly steps: number
  /** Tensors can stay on the device between calls; else columns are built into the model and the state crosses. */
  readonly keepsTensors: boolean
}

const cuda: GpuProvider = {
  id: 'onnx-cuda',
  provider: 'cuda',
  profileName: 'CUDAExecutionProvider',
  title: 'Compiled on NVIDIA graphics (ONNX Runtime, CUDA)',
  device: 'GPU (CUDA)',
  platforms: ['linux/x64'],
  steps: 16,
  keepsTensors: false
}

/** Graphics providers of ONNX Runtime, in order of preference. */
export const gpuProviders: readonly GpuProvider[] = [
  cuda,
  {
    id: 'onnx-directml',
    provider: 'dml',
    profileName: 'DmlExecutionProvider',
    title: 'Compiled on graphics (ONNX Runtime, DirectML)',
    device: 'GPU (DirectML)',
    platforms: ['win32/x64', 'win32/arm64'],
    steps: 16,
    keepsTensors: false
  },
  {
    id: 'onnx-webgpu',
    provider: 'webgpu',
    profileName: 'WebGpuExecutionProvider',
    title: 'Compiled on graphics (ONNX Runtime, WebGPU)',
    device: 'GPU (WebGPU)',
    platforms: ['linux/x64', 'darwin/arm64', 'win32/x64', 'win32/arm64'],
    steps: 8,
    keepsTensors: true
  }
]

/** What decides whether a provider can be there at all. */
export interface Machine {
  /** `process.platform/process.arch` */
  readonly platform: string
  /** Names of the providers that the runtime was built with, or why it does not load. */
  readonly backends: readonly string[] | { readonly reason: string }
  /** True when the file is beside the runtime's own library. */
  readonly hasLibrary: (name: string) => boolean
}

/** This machine. */
export function thisMachine(): Machine {
  const result = loadRuntime()
  const platform = `${process.platform}/${process.arch}`
  return {
    platform,
    backends: 'ort' in result ? result.ort.listSupportedBackends().map(({ name }) => name) : result,
    hasLibrary: name => existsSync(join(libraryFolder(platform), name))
  }
}

function libraryFolder(platform: string): string {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  return join(dirname(manifest), 'bin/napi-v6', platform)
}

/** The two libraries that ONNX Runtime loads for CUDA; the npm package leaves them out for their size. */
const cudaLibraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so']

/** Why a provider cannot be on a machine, in one sentence, or null when it is worth a trial. Starts no driver. */
export function absence(provider: GpuProvider, machine: Machine): string | null {
  const { platform, backends, hasLibrary } = machine
  if (!Array.isArray(backends)) return (backends as { reason: string }).reason
  if (!provider.platforms.includes(platform))
    return `not for ${platform}: ONNX Runtime has it for ${provider.platforms.join(', ')}.`
  if (!backends.includes(provider.provider))
    return `the ONNX Runtime installed here was built without it; run npm install again on this machine.`
  const missing = provider === cuda ? cudaLibraries.filter(name => !hasLibrary(name)) : []
  if (missing.length > 0)
    return (
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not installed: run \`npm rebuild onnxruntime-node\` with the environment ` +
      'ONNXRUNTIME_NODE_INSTALL=cuda12 set, and have the libraries of CUDA 12 and cuDNN 9 on the path.'
    )
  return null
}
