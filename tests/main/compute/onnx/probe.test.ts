import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ChildHandle, ProcessHost } from '../../../../src-main/base/processHost.ts'
import { environmentFor } from '../../../../src-main/compute/onnx/cudaLibraries.ts'
import { needsProbe, probeEngine, probeEngines } from '../../../../src-main/compute/onnx/probe.ts'
import type { Machine } from '../../../../src-main/compute/onnx/providers.ts'
import type { Trial } from '../../../../src-main/compute/onnx/verdicts.ts'

const machine: Machine = { platform: 'linux/x64', backends: ['webgpu', 'cuda'], hasLibrary: () => true }
const good: Trial = {
  adapter: null,
  nodes: [{ provider: 'WebGpuExecutionProvider', op: 'Mul', count: 1 }],
  error: 0,
  speed: 2,
  cpuSpeed: 1
}

/** A process host whose children do what is asked of them as soon as they get their job. */
function hostThat(act: (child: { answer(trial: Trial): void; exit(signal: string): void }) => void) {
  const seen = { started: [] as string[], environments: [] as unknown[], jobs: [] as unknown[], killed: 0 }
  const host: ProcessHost = {
    start(entry, options) {
      seen.started.push(entry)
      seen.environments.push(options?.environment)
      let message: (value: unknown) => void = () => {}
      let exit: (code: number | null, signal: string | null) => void = () => {}
      const child: ChildHandle = {
        pid: 1,
        send: job => {
          seen.jobs.push(job)
          queueMicrotask(() => act({ answer: trial => message(trial), exit: signal => exit(null, signal) }))
        },
        onMessage: listener => void (message = listener),
        onExit: listener => void (exit = listener),
        kill: () => void seen.killed++
      }
      return child
    }
  }
  return { host, seen }
}

describe('trying an engine', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'probe-'))
    vi.stubEnv('STITCHWORK_ENGINES', folder)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })

  test('happens in a process of its own and keeps the verdict', async () => {
    const { host, seen } = hostThat(child => child.answer(good))
    expect(await probeEngine('onnx-webgpu', { host, machine })).toMatchObject({ usable: true })
    expect(seen).toMatchObject({ started: ['gpuProbe'], jobs: [{ id: 'onnx-webgpu' }] })
    expect(await readdir(join(folder, 'onnx'))).toEqual(['onnx-webgpu.json'])
  })

  test('outlives a driver that crashes', async () => {
    const { host } = hostThat(child => child.exit('SIGSEGV'))
    const verdict = await probeEngine('onnx-webgpu', { host, machine })
    expect(verdict).toMatchObject({ usable: false, reason: expect.stringMatching(/SIGSEGV.*driver crashed/) })
  })

  test('ends a driver that hangs', async () => {
    const { host, seen } = hostThat(() => {})
    const verdict = await probeEngine('onnx-webgpu', { host, machine, secondsAtMost: 0.01 })
    expect(verdict.reason).toMatch(/did not end within 0.01 s/)
    expect(seen.killed).toBe(1)
  })

  test('of CUDA finds the libraries that a TensorFlow engine brought, and of others changes nothing', async () => {
    expect(environmentFor('onnx-cuda')).toEqual({})
    const libraries = join(folder, 'tensorflow/lib/nvidia')
    for (const part of ['cudnn', 'cublas']) await mkdir(join(libraries, part, 'lib'), { recursive: true })
    vi.stubEnv('LD_LIBRARY_PATH', '/opt/other')
    const path = `${libraries}/cublas/lib:${libraries}/cudnn/lib:/opt/other`
    expect(environmentFor('onnx-cuda')).toEqual({ LD_LIBRARY_PATH: path })
    expect(environmentFor('onnx')).toEqual({})
    const { host, seen } = hostThat(child => child.answer(good))
    await probeEngine('onnx-cuda', { host, machine })
    expect(seen.environments).toEqual([{ LD_LIBRARY_PATH: path }])
  })

  test('is done once for all who ask at the same time', async () => {
    const { host, seen } = hostThat(child => child.answer(good))
    const asked = [1, 2].map(() => probeEngine('onnx-webgpu', { host, machine }))
    const [first, second] = await Promise.all(asked)
    expect(first).toEqual(second)
    expect(seen.started).toHaveLength(1)
  })

  test('starts nothing and keeps nothing where the engine cannot be', async () => {
    const { host, seen } = hostThat(child => child.answer(good))
    const verdict = await probeEngine('onnx-directml', { host, machine })
    expect(verdict).toMatchObject({ usable: false, reason: expect.stringContaining('not for linux/x64') })
    expect(seen.started).toEqual([])
    expect(await readdir(folder)).toEqual([])
  })

  test('of all that can be here passes those with a verdict, and on request those that serve alone', async () => {
    let trial: Trial = { failure: 'it failed.' }
    const { host, seen } = hostThat(child => child.answer(trial))
    const tryAll = (again: boolean) => probeEngines({ host, machine, again })
    expect(await tryAll(false)).toBe(true)
    expect(seen.jobs).toEqual([{ id: 'onnx-cuda' }, { id: 'onnx-webgpu' }])
    expect(await tryAll(false)).toBe(false)
    trial = good
    expect(await tryAll(true)).toBe(true)
    expect(seen.jobs).toHaveLength(4)
    expect(await tryAll(true)).toBe(true) // what runs on WebGPU is no success for CUDA
    expect(seen.jobs.slice(4)).toEqual([{ id: 'onnx-cuda' }])
  })

  test('is refused for an engine that needs none', async () => {
    expect([needsProbe('onnx'), needsProbe('onnx-cuda')]).toEqual([false, true])
    await expect(probeEngine('onnx')).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringContaining('onnx-webgpu')
    })
  })
})
