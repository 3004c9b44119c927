import { describe, expect, test } from 'vitest'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import type { HostTensors } from '../../../src-main/base/tensors.ts'
import { eagerEngine } from '../../../src-main/compute/eager/index.ts'
import type { Engine } from '../../../src-main/compute/engine.ts'
import { readCheckpoint, writeCheckpoint } from '../../../src-main/training/checkpoints.ts'
import { train } from '../../../src-main/training/loop.ts'
import { describeEngines } from '../../support/engines.ts'
import {
  bytesOf,
  checkpointRun,
  partsFor,
  recordingHooks,
  temporaryFolder,
  timeless,
  walks
} from './support.ts'

describeEngines('the training loop', engine => {
  for (const { id } of algorithms) {
    test(`${id}: a run continued from any checkpoint equals the unbroken one`, async () => {
      const parts = partsFor(id, walks(), { checkpointEvery: 13 }, engine)
      const unbroken = recordingHooks()
      await train(parts, null, unbroken.hooks)
      const final = unbroken.checkpoints.at(-1)!.snapshot
      for (const { snapshot } of unbroken.checkpoints.slice(0, -1)) {
        const rest = recordingHooks()
        await train(parts, snapshot, rest.hooks)
        const last = rest.checkpoints.at(-1)!.snapshot
        expect(bytesOf(last.state)).toEqual(bytesOf(final.state))
        expect(last.derived).toEqual(final.derived)
        expect(timeless(rest.points)).toEqual(
          timeless(unbroken.points).filter(({ step }) => step > snapshot.step)
        )
      }
    })
  }
})

describeEngines('a non-finite reward', engine => {
  const spoilt = walks(12, 20, (episode, index) => {
    if (index === 4) episode.rewards![3] = NaN
  })
  for (const id of ['awr', 'awac', 'iql']) {
    test(`${id}: stops the run at the first step that reads it and names the episode`, async () => {
      const parts = partsFor(id, spoilt, { heldOutShare: 0 }, engine)
      const outcome = await train({ ...parts, fixedCallSteps: 7 }, null, recordingHooks().hooks)
      if (outcome.kind !== 'diverged') throw new Error('the run went on')
      const { rows, tensors, eagerFinite } = outcome.divergence
      expect(eagerFinite).toBe(false)
      expect(tensors.length).toBeGreaterThan(0)
      expect(rows.map(({ episode }) => episode)).toEqual(rows.map(() => 4))
      expect(rows.every(({ inputs }) => inputs.length > 0)).toBe(true)
      if (id === 'awr') expect(rows).toEqual([{ row: 83, episode: 4, offset: 3, inputs: ['rewards'] }])
    })
  }
})

describe('the training loop', () => {
  test('logs means of the step metrics, diagnoses on training and held-out rows, and the speed', async () => {
    const { hooks, points } = recordingHooks()
    await train(partsFor('bc', walks()), null, hooks)
    const curves = points.filter(({ values }) => 'train/actorLoss' in values)
    expect(curves.map(({ step }) => step)).toEqual([20, 40, 60])
    for (const { values } of curves) {
      expect(Object.keys(values)).toEqual(
        expect.arrayContaining(['train/actionDistance', 'heldOut/logLikelihood', 'heldOut/actionDistance'])
      )
      expect(values['time/stepsPerSecond']).toBeGreaterThan(0)
    }
  })

  test('goes on training while a log point is diagnosed, and has the point before it saves', async () => {
    const { hooks, points, checkpoints } = recordingHooks()
    const begun: number[] = []
    let trained = 0
    let finish = (): void => undefined
    const slow: Engine = {
      ...eagerEngine,
      compileFunction: async (fn, options) => {
        const callable = await eagerEngine.compileFunction(fn, options)
        const call: typeof callable.call = async inputs => {
          begun.push(trained)
          if (begun.length === 1) await new Promise<void>(resolve => (finish = resolve))
          return callable.call(inputs)
        }
        return { bind: params => callable.bind(params), call, close: () => callable.close() }
      }
    }
    const noting = {
      ...hooks,
      advanced: (step: number) => {
        trained = step
        if (step > 20) finish()
      },
      checkpoint: async (...saved: Parameters<typeof hooks.checkpoint>) => {
        expect(points.map(({ step }) => step)).toContain(20)
        await hooks.checkpoint(...saved)
      }
    }
    const parts = partsFor('bc', walks(), { checkpointEvery: 25, heldOutShare: 0 }, slow)
    await train({ ...parts, fixedCallSteps: 50 }, null, noting)
    expect(begun).toEqual([20, 40, 60])
    expect(points.map(({ step }) => step)).toEqual([20, 40, 60, 60])
    expect(checkpoints.map(({ snapshot }) => snapshot.step)).toEqual([25, 50, 60])
  })

  test('has no held-out curves without held-out episodes', async () => {
    const { hooks, points } = recordingHooks()
    await train(partsFor('bc', walks(), { heldOutShare: 0 }), null, hooks)
    expect(
      points.flatMap(({ values }) => Object.keys(values)).filter(key => key.startsWith('heldOut/'))
    ).toEqual([])
  })

  test('evaluates every so many steps and at the end, and saves when asked to', async () => {
    const { hooks, evaluations, checkpoints } = recordingHooks()
    await train(partsFor('bc', walks(), { evalEvery: 25, checkpointEvery: 40 }), null, hooks)
    expect(evaluations).toEqual([25, 50, 60])
    expect(checkpoints.map(({ snapshot, kind }) => [snapshot.step, kind])).toEqual([
      [40, 'periodic'],
      [60, 'final']
    ])
  })

  test('an evaluation that a pause interrupted runs first on resume', async () => {
    const parts = partsFor('bc', walks(), { evalEvery: 25, checkpointEvery: 40 })
    let paused = false
    const first = recordingHooks(() => (paused ? 'pause' : null))
    const interrupted = { ...first.hooks, evaluate: async () => ((paused = true), null) }
    expect(await train(parts, null, interrupted)).toEqual({ kind: 'paused' })
    const { snapshot, kind } = first.checkpoints.at(-1)!
    expect([kind, snapshot.step, snapshot.evaluationDue]).toEqual(['pause', 25, true])
    const rest = recordingHooks()
    await train(parts, snapshot, rest.hooks)
    expect(rest.evaluations).toEqual([25, 50, 60])
  })

  test('goes on training while a policy is evaluated, and begins the next evaluation when that one is done', async () => {
    const { hooks, points, checkpoints } = recordingHooks()
    const begun: { step: number; at: number }[] = []
    let trained = 0
    let finish = (): void => undefined
    const overlapping = {
      ...hooks,
      advanced: (step: number) => {
        trained = step
        if (step === 40) finish()
      },
      evaluate: ({ step }: { readonly step: number }) => {
        begun.push({ step, at: trained })
        const done = { 'eval/return': step }
        return new Promise<typeof done>(resolve => {
          if (step === 25) finish = () => resolve(done)
          else resolve(done)
        })
      }
    }
    const parts = partsFor('bc', walks(), { evalEvery: 25, checkpointEvery: 30 })
    await train({ ...parts, fixedCallSteps: 5 }, null, overlapping)
    expect(begun).toEqual([25, 50, 60].map(step => ({ step, at: step })))
    expect(points.filter(({ values }) => 'eval/return' in values).map(({ step }) => step)).toEqual([
      25, 50, 60
    ])
    const pending = checkpoints.map(({ snapshot }) => [
      snapshot.step,
      snapshot.pendingEvaluation?.step ?? null
    ])
    expect(pending).toEqual([
      [30, 25],
      [60, null]
    ])
  })

  test('an evaluation under way at a checkpoint is made on resume, with the policy of its step', async () => {
    const parts = { ...partsFor('bc', walks(), { evalEvery: 25, checkpointEvery: 30 }), fixedCallSteps: 5 }
    let asked: 'pause' | null = null
    const first = recordingHooks(() => asked)
    const evaluated: Record<number, Record<string, number[]>> = {}
    const hooks = {
      ...first.hooks,
      advanced: (step: number) => void (asked = step === 40 ? 'pause' : asked),
      evaluate: ({ step, tensors }: { readonly step: number; readonly tensors: HostTensors }) => {
        evaluated[step] = bytesOf(tensors)
        return new Promise<null>(() => undefined)
      }
    }
    expect(await train(parts, null, hooks)).toEqual({ kind: 'paused' })
    const folder = temporaryFolder()
    const { snapshot: saved } = first.checkpoints.at(-1)!
    const { name } = await writeCheckpoint(folder, saved, 'pause', checkpointRun)
    const { snapshot } = await readCheckpoint(folder, name)
    expect([snapshot.step, snapshot.evaluationDue, snapshot.pendingEvaluation?.step]).toEqual([40, false, 25])
    const rest = recordingHooks()
    const again: [number, boolean][] = []
    await train(parts, snapshot, {
      ...rest.hooks,
      evaluate: async policy => {
        again.push([policy.step, policy.repeated])
        if (policy.step === 25) expect(bytesOf(policy.tensors)).toEqual(evaluated[25])
        return { 'eval/return': policy.step }
      }
    })
    expect(again).toEqual([
      [25, true],
      [50, false],
      [60, false]
    ])
  })

  test('a stop keeps the present parameters as the final checkpoint', async () => {
    let calls = 0
    const { hooks, checkpoints } = recordingHooks(() => (++calls > 3 ? 'stop' : null))
    expect(await train({ ...partsFor('bc', walks()), fixedCallSteps: 5 }, null, hooks)).toEqual({
      kind: 'stopped'
    })
    expect(checkpoints.map(({ snapshot, kind }) => [snapshot.step, kind])).toEqual([[15, 'final']])
  })
})

describe('a non-finite step', () => {
  const spoilt = (column: 'observations' | 'actions') =>
    walks(12, 20, (episode, index) => {
      if (index === 4) episode[column][6] = NaN
    })

  test.each(['observations', 'actions'] as const)(
    'in %s stops the run and names step, tensor and row',
    async column => {
      const parts = partsFor('bc', spoilt(column), { heldOutShare: 0 })
      const { hooks, points, checkpoints } = recordingHooks()
      const outcome = await train({ ...parts, fixedCallSteps: 7 }, null, hooks)
      if (outcome.kind !== 'diverged') throw new Error('the run went on')
      const { step, tensors, rows, eagerFinite } = outcome.divergence
      expect(eagerFinite).toBe(false)
      expect(tensors).toContain('actorLoss')
      expect(rows).toEqual([{ row: 83, episode: 4, offset: 3, inputs: [column] }])
      expect(points.at(-1)).toMatchObject({ step, values: { 'train/actorLoss': NaN } })
      expect(checkpoints.every(({ snapshot }) => snapshot.step < step)).toBe(true)
    }
  )

  test('that op-by-op execution does not confirm is told as the fault of the engine', async () => {
    const parts = partsFor('bc', walks())
    const flagging = {
      ...parts.engine,
      compile: async (...of: Parameters<typeof parts.engine.compile>) => {
        const session = await parts.engine.compile(...of)
        return {
          load: session.load.bind(session),
          setColumns: session.setColumns.bind(session),
          read: session.read.bind(session),
          close: session.close.bind(session),
          run: async (request: Parameters<typeof session.run>[0]) => {
            const result = await session.run(request)
            return { ...result, finite: result.finite.fill(0, 2, 3) }
          }
        }
      }
    }
    const outcome = await train(
      { ...parts, engine: flagging, fixedCallSteps: 7 },
      null,
      recordingHooks().hooks
    )
    expect(outcome).toMatchObject({
      kind: 'diverged',
      divergence: { step: 3, eagerFinite: true, tensors: [] }
    })
  })
})
