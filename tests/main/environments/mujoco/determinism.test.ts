import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { robotEnvironments } from '../../../../src-main/environments/mujoco/index.ts'
import { HashedSteps } from './hashes.ts'
import { preparedRobot, unused } from './prepared.ts'

const run = promisify(execFile)
const program = fileURLToPath(new URL('../../../support/processes/robotHashes.ts', import.meta.url))
const ids = robotEnvironments.map(({ id }) => id)

describe('1000 steps', () => {
  let elsewhere: string[]
  beforeAll(async () => {
    const { stdout } = await run(process.execPath, [program, ...ids])
    elsewhere = stdout.trim().split('\n')
  }, 60_000)

  it.each(ids.map((id, index) => [id, index] as const))(
    'of %s are the same in another process',
    async (id, index) => {
      const steps = new HashedSteps(await preparedRobot(id), 5).take(1000)
      expect(steps.digest()).toBe(elsewhere[index])
    }
  )

  it('differ between robots but for those that differ in scores alone', () => {
    const hashes = new Map(ids.map((id, index) => [id, elsewhere[index]]))
    expect(new Set(hashes.values()).size).toBe(ids.length - 2)
    expect(hashes.get('halfcheetah-v4')).toBe(hashes.get('halfcheetah-v5'))
    expect(hashes.get('hopper-v4')).toBe(hashes.get('hopper-v5'))
  })

  it('do not depend on episodes in between, exploded ones included', async () => {
    const environment = await preparedRobot('hopper-v4')
    const alone = [1, 2, 3].map(seed => new HashedSteps(environment, seed).take(300).digest())
    const together = [1, 2, 3].map(seed => new HashedSteps(environment, seed))
    const broken = new Float64Array(environment.stateSize)
    for (let step = 0; step < 300; step++) {
      for (const episode of together) episode.take(1)
      broken.fill(step % 2 === 0 ? NaN : 1e200)
      environment.step(broken, Float32Array.of(0, 0, 0), unused)
    }
    expect(together.map(episode => episode.digest())).toEqual(alone)
  })
})
