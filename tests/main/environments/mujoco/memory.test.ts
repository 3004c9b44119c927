import { describe, expect, it } from 'vitest'
import { hopper } from '../../../../src-main/environments/mujoco/hopper.ts'
import { Simulation } from '../../../../src-main/environments/mujoco/simulation.ts'
import { HashedSteps } from './hashes.ts'
import { preparedRobot } from './prepared.ts'

const heapOf = (simulation: Simulation): number => simulation.views().qpos.buffer.byteLength

describe('the memory of MuJoCo', () => {
  it('stays as it is over 1000 simulations that are opened and disposed of', async () => {
    const sizes: number[] = []
    for (let cycle = 0; cycle < 1000; cycle++) {
      const simulation = await Simulation.open(hopper('v4').model)
      simulation.step(1)
      sizes.push(heapOf(simulation))
      simulation.dispose()
    }
    expect(sizes[0]).toBeGreaterThan(0)
    expect(sizes[999]).toBe(sizes[9])
  }, 120_000)

  it('may move while an episode runs', async () => {
    const environment = await preparedRobot('walker2d-v2')
    const still = new HashedSteps(environment, 4).take(200).digest()
    const steps = new HashedSteps(environment, 4).take(100)
    const first = await Simulation.open(hopper('v4').model)
    const before = first.views().qpos
    const open = [first]
    while (before.length > 0) open.push(await Simulation.open(hopper('v4').model))
    expect(steps.take(100).digest()).toBe(still)
    for (const simulation of open) simulation.dispose()
  }, 60_000)
})
