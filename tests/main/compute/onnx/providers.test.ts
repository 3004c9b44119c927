import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { EngineInfo } from '../../../../src-preload/contract/app.ts'
import { compileOn, gpuEngines } from '../../../../src-main/compute/onnx/gpuEngines.ts'
import {
  absence,
  gpuProviders,
  type Machine,
  thisMachine
} from '../../../../src-main/compute/onnx/providers.ts'
import { judge, verdictKey, writeVerdict } from '../../../../src-main/compute/onnx/verdicts.ts'
import { regression } from '../programs.ts'

const providerOf = (id: string) => gpuProviders.find(provider => provider.id === id)!
const linux: Machine = {
  platform: 'linux/x64',
  backends: ['cpu', 'webgpu', 'cuda'],
  hasLibrary: () => true
}

describe('whether a provider can be on a machine', () => {
  test.each<[string, string, Partial<Machine>, RegExp | null]>([
    ['onnx-webgpu', 'Linux', {}, null],
    ['onnx-cuda', 'Linux with its libraries', {}, null],
    ['onnx-directml', 'Linux', {}, /not for linux\/x64: .*win32\/x64/],
    ['onnx-directml', 'Windows', { platform: 'win32/x64', backends: ['cpu', 'dml', 'webgpu'] }, null],
    ['onnx-webgpu', 'Linux on ARM', { platform: 'linux/arm64', backends: ['cpu'] }, /not for linux\/arm64/],
    ['onnx-cuda', 'Windows', { platform: 'win32/x64' }, /not for win32\/x64/],
    ['onnx-webgpu', 'a runtime without it', { backends: ['cpu'] }, /built without it/],
    [
      'onnx-cuda',
      'Linux without its libraries',
      { hasLibrary: name => name !== 'libonnxruntime_providers_cuda.so' },
      /^libonnxruntime_providers_cuda\.so is not installed: .*ONNXRUNTIME_NODE_INSTALL=cuda12.*CUDA 12 and cuDNN 9/
    ],
    [
      'onnx-cuda',
      'a runtime that does not load',
      { backends: { reason: 'it is broken.' } },
      /^it is broken\.$/
    ]
  ])('%s on %s', (id, _where, machine, sentence) => {
    const answer = absence(providerOf(id), { ...linux, ...machine })
    if (sentence === null) expect(answer).toBeNull()
    else expect(answer).toMatch(sentence)
  })
})

describe('products in fewer bits', () => {
  const formatOf = (id: string, precision: 'bfloat16' | 'tf32') =>
    compileOn(providerOf(id), regression, { threads: 1, precision }, 'cpu')

  test.each([
    ['onnx-webgpu', 'tf32'],
    ['onnx-directml', 'bfloat16'],
    ['onnx-cuda', 'bfloat16']
  ] as const)('%s refuses %s', async (id, precision) => {
    await expect(formatOf(id, precision)).rejects.toThrow(`Engine '${id}' has no ${precision} products`)
  })

  test('are forbidden to CUDA unless asked for', async () => {
    vi.stubEnv('NVIDIA_TF32_OVERRIDE', '1')
    await compileOn(providerOf('onnx-cuda'), regression, { threads: 1 }, 'cpu')
    expect(process.env.NVIDIA_TF32_OVERRIDE).toBe('0')
    await formatOf('onnx-cuda', 'tf32')
    expect(process.env.NVIDIA_TF32_OVERRIDE).toBe('1')
    vi.unstubAllEnvs()
  })
})

describe('the list of engines', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'engines-'))
    vi.stubEnv('STITCHWORK_ENGINES', folder)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })
  const describeAll = async (): Promise<EngineInfo[]> =>
    Promise.all(gpuEngines.map(engine => engine.describe()))

  test('offers none before it was tried, and says why', async () => {
    const infos = await describeAll()
    expect(infos.map(({ id }) => id)).toEqual(['onnx-cuda', 'onnx-directml', 'onnx-webgpu'])
    for (const { id, available, reason } of infos) {
      expect(available).toBe(false)
      const absent = absence(providerOf(id), thisMachine())
      expect(reason).toEqual(absent ?? expect.stringMatching(/^not tried yet; .*engines bench/))
    }
  })

  const present = gpuProviders.filter(gpu => absence(gpu, thisMachine()) === null)
  const skip = present.length === 0
  const why = skip ? ': SKIPPED, ONNX Runtime has no graphics provider for this platform' : ''

  test.skipIf(skip)(`offers one that a trial found good, with its device, and no other${why}`, async () => {
    const [gpu] = present
    const version = (await describeAll())[0].version
    const nodes = [{ provider: gpu.profileName, op: 'Mul', count: 1 }]
    const findings = { adapter: 'Some card', nodes, error: 0, speed: 2, cpuSpeed: 1 }
    const key = await verdictKey(version)
    await writeVerdict(gpu, judge(gpu, key, findings))
    const find = async () => (await describeAll()).find(({ id }) => id === gpu.id)
    expect(await find()).toMatchObject({
      available: true,
      reason: null,
      device: expect.stringContaining('Some card')
    })
    await writeVerdict(gpu, judge(gpu, key, { ...findings, speed: 0.5 }))
    expect(await find()).toMatchObject({
      available: false,
      reason: expect.stringMatching(/faster: 1.0 .* 0.50/)
    })
    expect((await describeAll()).some(({ available }) => available)).toBe(false)
  })
})
