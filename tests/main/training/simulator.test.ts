import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import type { ProcessHost } from '../../../src-main/base/processHost.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import { onnxEngine } from '../../../src-main/compute/onnx/index.ts'
import { prepareTraining } from '../../../src-main/datasets/trainingView.ts'
import { evaluateHere, type EvaluationSetting } from '../../../src-main/training/evaluator.ts'
import { policyTensors } from '../../../src-main/training/policy.ts'
import { policyForm } from '../../../src-main/training/policyForm.ts'
import { Simulator } from '../../../src-main/training/simulatorClient.ts'
import { partsFor, temporaryFolder, walks } from './support.ts'

const { available, reason } = await onnxEngine.describe()
const skipped = available ? '' : `: SKIPPED, ${reason}`
const at = { step: 30, seconds: 1.5 }
const dataset = walks()

/** An untrained policy and where it is evaluated. */
function untrained(algorithm: string, environmentId = 'crossroads') {
  const { method, seed } = partsFor(algorithm, dataset)
  const state = method.algorithm.init(method.config, method.problem, seed)
  const episodes = {
    environmentId,
    episodes: 2,
    keep: 1,
    scoreReference: null,
    schedule: null,
    returnToGo: null,
    folder: temporaryFolder()
  }
  const { normaliser } = prepareTraining(dataset, method.config)
  const setting: EvaluationSetting = { method, normaliser, episodes }
  return { setting, tensors: policyTensors(method, state) }
}

async function simulationOf({ setting, tensors }: ReturnType<typeof untrained>, engine = eagerEngine) {
  const { method, normaliser, episodes } = setting
  return { setting: episodes, normaliser, policy: await policyForm(method, tensors, engine) }
}

/** A host whose simulators have odd environments, or those of the app; `pids` are those it started. */
function oddHost(odd = true): ProcessHost & { readonly pids: number[] } {
  const oddEntry = join(import.meta.dirname, '../../support/processes/oddSimulator.ts')
  const host = odd ? nodeProcessHost(() => oddEntry) : nodeProcessHost()
  const mark = join(temporaryFolder(), 'mark')
  const pids: number[] = []
  return {
    pids,
    start(entry, options) {
      const environment = { ...options?.environment, ODD_MARK: mark }
      const child = host.start(entry, { ...options, environment })
      pids.push(child.pid!)
      return child
    }
  }
}

const never = new AbortController().signal
const isGone = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0)
  } catch {
    return true
  }
}

describe('a simulator', () => {
  for (const engine of [eagerEngine, onnxEngine])
    for (const algorithm of ['bc', 'iql']) {
      test.skipIf(engine === onnxEngine && !available)(
        `plays a policy of ${algorithm} from ${engine.id} as this process would${engine === onnxEngine ? skipped : ''}`,
        async () => {
          const policy = untrained(algorithm)
          const simulator = new Simulator()
          try {
            const evaluation = await simulator.evaluate(
              await simulationOf(policy, engine),
              at,
              policy.tensors,
              never
            )
            expect(evaluation).toMatchObject({ ...at, failedEpisodes: 0 })
            expect(evaluation.rollouts).toHaveLength(1)
            expect(existsSync(join(policy.setting.episodes.folder, evaluation.rollouts[0].file))).toBe(true)
            expect(evaluation).toEqual(await evaluateHere(policy.setting, engine, at, policy.tensors, never))
          } finally {
            simulator.close()
          }
        }
      )
    }

  test('evaluates one policy after the other, each with its own parameters', async () => {
    const simulator = new Simulator()
    const policies = ['bc', 'awr'].map(algorithm => untrained(algorithm))
    try {
      const played = await Promise.all(
        policies.map(async (policy, step) =>
          simulator.evaluate(await simulationOf(policy), { step, seconds: 0 }, policy.tensors, never)
        )
      )
      for (const [step, policy] of policies.entries()) {
        const alone = await evaluateHere(
          policy.setting,
          eagerEngine,
          { step, seconds: 0 },
          policy.tensors,
          never
        )
        expect(played[step]).toEqual(alone)
      }
    } finally {
      simulator.close()
    }
  })

  test('gives the same results in any number of processes', async () => {
    const results = []
    for (const most of [1, 2, 3]) {
      const host = oddHost(false)
      const simulator = new Simulator(host, most)
      const policy = untrained('awr')
      const setting = { ...policy.setting, episodes: { ...policy.setting.episodes, episodes: 13, keep: 7 } }
      try {
        const simulation = await simulationOf({ ...policy, setting })
        results.push(await simulator.evaluate(simulation, at, policy.tensors, never))
        expect(host.pids).toHaveLength(most)
      } finally {
        simulator.close()
      }
      expect(results[0]).toEqual(await evaluateHere(setting, eagerEngine, at, policy.tensors, never))
    }
    expect(results[0].returns).toHaveLength(13)
    expect(results[0].rollouts.map(({ episode }) => episode)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(results[1]).toEqual(results[0])
    expect(results[2]).toEqual(results[0])
  })

  test('does the episodes of a process that ended again, in a new one', async () => {
    const host = oddHost()
    const simulator = new Simulator(host, 2)
    const policy = untrained('bc', 'diesOnce')
    const setting = { ...policy.setting, episodes: { ...policy.setting.episodes, episodes: 8 } }
    try {
      const played = await simulator.evaluate(
        await simulationOf({ ...policy, setting }),
        at,
        policy.tensors,
        never
      )
      const sound = { ...setting, episodes: { ...setting.episodes, environmentId: 'crossroads' } }
      const here = await evaluateHere(sound, eagerEngine, at, policy.tensors, never)
      expect(played.returns).toEqual(here.returns)
      expect(host.pids.length).toBeGreaterThan(1)
    } finally {
      simulator.close()
    }
  })

  test.each([
    ['dies', /ended with code 9/],
    ['hangs', /ended by SIGKILL/]
  ])(
    'that %s twice over the same episodes fails their evaluation in words, and the next one has a new process',
    async (id, words) => {
      const host = oddHost()
      const simulator = new Simulator(host)
      try {
        const bad = untrained('bc', id)
        await expect(simulator.evaluate(await simulationOf(bad), at, bad.tensors, never)).rejects.toThrow(
          words
        )
        const good = untrained('bc', 'sound')
        const { failedEpisodes } = await simulator.evaluate(await simulationOf(good), at, good.tensors, never)
        expect(failedEpisodes).toBe(0)
        expect(host.pids).toHaveLength(3)
      } finally {
        simulator.close()
      }
    }
  )

  test('shows what is not a number', async () => {
    const simulator = new Simulator(oddHost())
    const policy = untrained('bc', 'nan')
    try {
      const evaluation = await simulator.evaluate(await simulationOf(policy), at, policy.tensors, never)
      expect(evaluation.failedEpisodes).toBe(2)
      expect([...evaluation.returns]).toEqual([NaN, NaN])
    } finally {
      simulator.close()
    }
  })

  test('lets go of an evaluation at once and goes on with the next', async () => {
    const host = oddHost()
    const simulator = new Simulator(host)
    const endless = untrained('bc', 'endless')
    const sound = untrained('bc', 'sound')
    const leaving = new AbortController()
    try {
      const long = simulator.evaluate(await simulationOf(endless), at, endless.tensors, leaving.signal)
      const next = simulator.evaluate(await simulationOf(sound), at, sound.tensors, never)
      leaving.abort()
      await expect(long).rejects.toThrow(/abort/)
      expect((await next).failedEpisodes).toBe(0)
      expect(host.pids).toHaveLength(1)
    } finally {
      simulator.close()
    }
  })

  test('is gone when it is closed in the middle of an evaluation', async () => {
    const host = oddHost()
    const simulator = new Simulator(host)
    const endless = untrained('bc', 'endless')
    const long = simulator.evaluate(await simulationOf(endless), at, endless.tensors, never)
    await vi.waitFor(() => expect(host.pids).toHaveLength(1))
    simulator.close()
    await expect(long).rejects.toThrow(/SIGKILL/)
    await vi.waitFor(() => expect(isGone(host.pids[0])).toBe(true))
  })
})
