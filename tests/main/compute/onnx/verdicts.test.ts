import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { countNodes } from '../../../../src-main/compute/onnx/nodePlacement.ts'
import { gpuProviders } from '../../../../src-main/compute/onnx/providers.ts'
import {
  type Findings,
  judge,
  readVerdict,
  verdictKey,
  writeVerdict
} from '../../../../src-main/compute/onnx/verdicts.ts'

const webgpu = gpuProviders.find(({ id }) => id === 'onnx-webgpu')!
const good: Findings = {
  adapter: 'Some card, 1.2',
  nodes: [{ provider: 'WebGpuExecutionProvider', op: 'Mul', count: 7 }],
  error: 1e-6,
  speed: 900,
  cpuSpeed: 170
}

describe('a trial', () => {
  test('with every node on the device, right results and more speed makes the engine usable', () => {
    expect(judge(webgpu, 'key', good)).toMatchObject({
      usable: true,
      reason: null,
      adapter: 'Some card, 1.2',
      speed: 900,
      cpuSpeed: 170
    })
  })

  test.each<[string, Partial<Findings>, RegExp]>([
    [
      'with nodes on the processor',
      {
        nodes: [
          ...good.nodes,
          { provider: 'CPUExecutionProvider', op: 'Round', count: 3 },
          { provider: 'CPUExecutionProvider', op: 'Sign', count: 1 }
        ]
      },
      /^4 operations .* on the processor \(Round 3 times, Sign\)\.$/
    ],
    ['that ran nothing on the device', { nodes: [] }, /^no operation/],
    ['with wrong results', { error: 0.25 }, /differ from the reference by 0\.25, more than 0\.001/],
    ['with results that are not numbers', { error: NaN }, /differ from the reference by NaN/],
    [
      'that is slower',
      { speed: 41.26, cpuSpeed: 171.3 },
      /^the processor is faster: 171 steps\/s, and 41 here\.$/
    ],
    ['that is as fast', { speed: 170 }, /^the processor is faster/]
  ])('%s says so in one sentence', (_what, change, sentence) => {
    const verdict = judge(webgpu, 'key', { ...good, ...change })
    expect(verdict.usable).toBe(false)
    expect(verdict.reason).toMatch(sentence)
  })

  test('that failed gives its failure as the reason', () => {
    expect(judge(webgpu, 'key', { failure: 'the driver crashed.' })).toMatchObject({
      usable: false,
      reason: 'the driver crashed.',
      speed: null
    })
  })
})

describe('a kept verdict', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'verdicts-'))
    vi.stubEnv('STITCHWORK_ENGINES', folder)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true })
  })

  test('is read again for the same runtime and driver', async () => {
    const verdict = judge(webgpu, await verdictKey('1.30.0'), good)
    expect(await readVerdict(webgpu, '1.30.0')).toBeNull()
    await writeVerdict(webgpu, verdict)
    expect(await readVerdict(webgpu, '1.30.0')).toEqual(verdict)
  })

  test('does not hold for another runtime, another driver or another provider', async () => {
    await writeVerdict(webgpu, judge(webgpu, await verdictKey('1.30.0'), good))
    expect(await readVerdict(webgpu, '1.31.0')).toBeNull()
    expect(await readVerdict({ ...webgpu, id: 'onnx-other' }, '1.30.0')).toBeNull()
    vi.stubEnv('VK_DRIVER_FILES', join(folder, 'another.json'))
    expect(await readVerdict(webgpu, '1.30.0')).toBeNull()
  })

  test('that is damaged counts as none', async () => {
    await writeVerdict(webgpu, judge(webgpu, await verdictKey('1.30.0'), good))
    const file = join(folder, 'onnx', 'onnx-webgpu.json')
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20))
    expect(await readVerdict(webgpu, '1.30.0')).toBeNull()
  })
})

describe('a profile', () => {
  const node = (name: string, provider: string, op: string) => ({
    cat: 'Node',
    name: `${name}_kernel_time`,
    dur: 3,
    args: { provider, op_name: op, node_index: '1' }
  })

  test('tells how many nodes ran where, each once however often it ran', () => {
    const profile = JSON.stringify([
      { cat: 'Session', name: 'model_run', dur: 9, args: {} },
      node('v1', 'WebGpuExecutionProvider', 'Mul'),
      node('v1', 'WebGpuExecutionProvider', 'Mul'),
      node('v2', 'WebGpuExecutionProvider', 'Mul'),
      node('v3', 'CPUExecutionProvider', 'Round'),
      { ...node('v4', 'CPUExecutionProvider', 'Sign'), name: 'v4_fence_before' }
    ])
    expect(countNodes([profile])).toEqual([
      { provider: 'WebGpuExecutionProvider', op: 'Mul', count: 2 },
      { provider: 'CPUExecutionProvider', op: 'Round', count: 1 }
    ])
  })

  test('does not count the copies to and from the device at the ends of a call', () => {
    const profile = JSON.stringify([
      node('Memcpy', 'CUDAExecutionProvider', 'MemcpyFromHost'),
      node('Memcpy_1', 'CUDAExecutionProvider', 'MemcpyToHost')
    ])
    expect(countNodes([profile])).toEqual([])
  })
})
