import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { decodeColumn } from '../../../src-preload/contract/values.ts'
import { mean } from '../../../src-main/base/moments.ts'
import { evaluationsAfter, findRollout, listEvaluations } from '../../../src-main/store/evaluations.ts'
import { rolloutFolder } from '../../../src-main/store/home.ts'
import { rolloutFileName } from '../../../src-main/training/rolloutWriter.ts'
import { superviseEachTest } from './rig.ts'

const rig = superviseEachTest()

describe('an evaluation on request', () => {
  const never = new AbortController().signal

  test('repeats the episodes of the one made in training, adds more, and is not stored', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan())
    const [id] = runIds
    await rig.reaches(id, 'finished')
    const [stored] = listEvaluations(rig.store.db, id)
    const fresh = await rig.supervisor.evaluate({ id, checkpointStep: null, episodes: 6 }, never)
    expect(fresh).toMatchObject({ runId: id, step: 60, episodes: 6, failedEpisodes: 0 })
    expect(fresh.returns.slice(0, 2)).toEqual([...decodeColumn(stored.returns)])
    expect(fresh.lengths.slice(0, 2)).toEqual([...decodeColumn(stored.lengths)])
    expect(fresh.outcomes).toHaveLength(6)
    expect(fresh.meanReturn).toBe(mean(fresh.returns.map(Number)))
    expect(fresh.score).toBeCloseTo(100 * Number(fresh.meanReturn))
    expect(listEvaluations(rig.store.db, id)).toHaveLength(1)
    const earlier = await rig.supervisor.evaluate({ id, checkpointStep: 25, episodes: 2 }, never)
    expect(earlier).toMatchObject({ step: 25, episodes: 2 })
  })

  test('keeps rollouts with the evaluation of its step, and tells those who follow', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan())
    const [id] = runIds
    await rig.reaches(id, 'finished')
    const [before] = listEvaluations(rig.store.db, id)
    const { sequence } = evaluationsAfter(rig.store.db, id, 0)
    const file = join(rolloutFolder(rig.store.home, id), rolloutFileName(60, 0))
    const bytes = readFileSync(file)
    const fresh = await rig.supervisor.evaluate({ id, checkpointStep: null, episodes: 7, keep: 6 }, never)
    expect(fresh.rollouts).toEqual([0, 1, 2, 3, 4, 5])
    expect(listEvaluations(rig.store.db, id)).toEqual([{ ...before, rollouts: fresh.rollouts }])
    expect(evaluationsAfter(rig.store.db, id, sequence).evaluations).toHaveLength(1)
    expect(readFileSync(file)).toEqual(bytes)
    const record = findRollout(rig.store.db, id, 60, 5)!
    expect(record.return).toBe(fresh.returns[5])
    expect(existsSync(join(rolloutFolder(rig.store.home, id), record.file))).toBe(true)
    await expect(
      rig.supervisor.evaluate({ id, checkpointStep: 25, episodes: 1, keep: 1 }, never)
    ).rejects.toThrow(/was not evaluated at step 25, so there is nothing to keep rollouts with/)
  })

  test('is refused without the checkpoint or the environment, and ends when it is called off', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan())
    const [id] = runIds
    await rig.reaches(id, 'finished')
    const asked = { id, checkpointStep: null, episodes: 10_000 }
    await expect(rig.supervisor.evaluate({ ...asked, checkpointStep: 7 }, never)).rejects.toThrow(
      /no checkpoint of step 7, so there is no policy to evaluate/
    )
    const controller = new AbortController()
    const calledOff = rig.supervisor.evaluate(asked, controller.signal)
    controller.abort()
    await expect(calledOff).rejects.toThrow(/could not be evaluated/)
    await vi.waitFor(() => expect(() => process.kill(rig.pids.at(-1)!, 0)).toThrow(), { timeout: 30_000 })
  })
})
