import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageRoot } from '../../../../src-main/base/entries.ts'
import { probeCase } from '../../../../src-main/compute/onnx/probeCase.ts'
import { absence, gpuProviders, thisMachine } from '../../../../src-main/compute/onnx/providers.ts'
import { tryProvider } from '../../../../src-main/compute/onnx/trial.ts'
import { compileOn } from '../../../../src-main/compute/onnx/gpuEngines.ts'

const webgpu = gpuProviders.find(({ id }) => id === 'onnx-webgpu')!
const problem = absence(webgpu, thisMachine()) ?? adapterProblem()
const title = problem === null ? 'WebGPU' : `WebGPU: SKIPPED, ${problem}`

/** Why the provider does not start here, or null. */
function adapterProblem(): string | null {
  const script = join(packageRoot, 'tests/support/processes/webgpuAdapter.ts')
  const { status, signal, stdout } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    timeout: 60_000
  })
  if (status === 0) return null
  return signal === null
    ? 'no adapter' + (stdout.includes('No supported adapters') ? '' : `: ${stdout.slice(0, 200)}`)
    : `the driver ended with ${signal}`
}

describe.skipIf(problem !== null)(title, () => {
  test(
    'runs every node of a training step, with the results of the reference',
    { timeout: 300_000 },
    async () => {
      const trial = await tryProvider(webgpu, 2, { hidden: 16, batchSize: 8 })
      if ('failure' in trial) throw new Error(trial.failure)
      expect(new Set(trial.nodes.map(({ provider }) => provider))).toEqual(new Set([webgpu.profileName]))
      expect(trial.error).toBeLessThan(1e-4)
      expect(trial.speed).toBeGreaterThan(0)
    }
  )

  test('keeps state and columns on the device and gives them back', { timeout: 120_000 }, async () => {
    const one = probeCase([16, 16], 8)
    const { program, state, columns } = one
    const session = await compileOn(webgpu, program, { threads: 1 })
    await session.load(state)
    expect(await session.read()).toEqual(state)
    await session.setColumns(columns)
    const first = await session.run(one.request(0, 9))
    const after = await session.read()
    await session.load(state)
    await session.setColumns(columns)
    expect(await session.run(one.request(0, 9))).toEqual(first)
    expect(await session.read()).toEqual(after)
    await session.close()
  })

  test('finds the step at which the state is not finite any more', { timeout: 120_000 }, async () => {
    const one = probeCase([16, 16], 8)
    const { program, state, columns } = one
    const asked = one.request(0, 11)
    const row = asked.indices[8 * 9 + 3]
    const first = asked.indices.indexOf(row) >> 3
    const rewards = columns.rewards.map((value, i) => (i === row ? NaN : value))
    const session = await compileOn(webgpu, program, { threads: 1 })
    await session.load(state)
    await session.setColumns({ ...columns, rewards })
    const { finite } = await session.run(asked)
    expect([...finite]).toEqual(Array.from({ length: 11 }, (_, i) => Number(i < first)))
    await session.close()
  })
})
