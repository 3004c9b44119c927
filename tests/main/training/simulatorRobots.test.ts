import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import { onnxEngine } from '../../../src-main/compute/onnx/index.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { evaluateHere } from '../../../src-main/training/evaluator.ts'
import { policyTensors } from '../../../src-main/training/policy.ts'
import { policyForm } from '../../../src-main/training/policyForm.ts'
import { Simulator } from '../../../src-main/training/simulatorClient.ts'
import { temporaryFolder } from './support.ts'

const never = new AbortController().signal
const engine = (await onnxEngine.describe()).available ? onnxEngine : eagerEngine

/** An untrained policy for HalfCheetah and where it is evaluated; each call has a folder of its own. */
function cheetah() {
  const six = (value: number): number[] => new Array<number>(6).fill(value)
  const problem = {
    observationSize: 17,
    action: { kind: 'continuous' as const, size: 6 },
    unboundedActions: false
  }
  const algorithm = algorithmById('awr')
  const config = algorithm.schema.parse({ hiddenSizes: [32, 32], evalEpisodes: 7, keepRollouts: 6 })
  const method = { algorithm, config, problem }
  const normaliser = {
    observations: null,
    actions: { kind: 'continuous' as const, low: six(-1), high: six(1), clip: true },
    rewards: { scale: 1, shift: 0 }
  }
  const episodes = {
    ...{ environmentId: 'halfcheetah-v4', episodes: 7, keep: 6, schedule: null, scoreReference: null },
    ...{ returnToGo: { discount: 0.99, shift: 0 }, folder: temporaryFolder() }
  }
  const tensors = policyTensors(method, algorithm.init(config, problem, 5))
  return { setting: { method, normaliser, episodes }, tensors }
}

test('1000 steps of HalfCheetah are the same bytes in this process and in others', async () => {
  const at = { step: 10, seconds: 1 }
  const here = cheetah()
  const expected = await evaluateHere(here.setting, engine, at, here.tensors, never)
  const there = cheetah()
  const { method, normaliser, episodes } = there.setting
  const simulator = new Simulator(nodeProcessHost(), 2)
  try {
    const policy = await policyForm(method, there.tensors, engine)
    const job = { setting: episodes, normaliser, policy }
    expect(await simulator.evaluate(job, at, there.tensors, never)).toEqual(expected)
  } finally {
    simulator.close()
  }
  expect([...expected.lengths]).toEqual(new Array(7).fill(1000))
  expect(new Set(expected.returns).size).toBe(7)
  for (const { file } of expected.rollouts) {
    const bytes = readFileSync(join(here.setting.episodes.folder, file))
    expect(bytes.equals(readFileSync(join(episodes.folder, file)))).toBe(true)
  }
})

test('memory stays flat over a thousand policies', async () => {
  const script = join(import.meta.dirname, '../../support/processes/simulatorCycles.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script])
  const [early, late] = JSON.parse(stdout) as [number, number]
  expect(late - early).toBeLessThan(40e6)
})
