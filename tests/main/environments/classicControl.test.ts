import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { cartPole } from '../../../src-main/environments/cartPole.ts'
import { mountainCarContinuous } from '../../../src-main/environments/mountainCarContinuous.ts'
import { pendulum, wrapAngle } from '../../../src-main/environments/pendulum.ts'

interface Row {
  state: number[]
  action: number[]
  next: number[]
  observation: number[]
  reward: number
  terminated: boolean
}
const file = new URL('../../fixtures/environments/classicControl.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Row[]>
const random = new RandomSequence(0, 'unused')

describe.each([pendulum, cartPole, mountainCarContinuous])('$id', environment => {
  it('steps as Gymnasium recorded it', () => {
    const rows = recorded[environment.id]
    expect(rows).toHaveLength(24)
    const observation = new Float32Array(environment.observationSize)
    for (const row of rows) {
      const state = Float64Array.from(row.state)
      const { reward, terminated } = environment.step(state, Float32Array.from(row.action), random)
      row.next.forEach((value, i) => expect(state[i]).toBeCloseTo(value, 12))
      expect(reward).toBeCloseTo(row.reward, 12)
      expect(terminated).toBe(row.terminated)
      environment.observe(state, observation)
      row.observation.forEach((value, i) => expect(observation[i]).toBeCloseTo(value, 6))
    }
  })
})

describe('pendulum', () => {
  it('follows the equations by hand', () => {
    const state = Float64Array.of(Math.PI / 2, 1)
    const { reward } = pendulum.step(state, Float32Array.of(1), random)
    // thdot' = 1 + (15 sin(pi/2) + 3) 0.05 = 1.9, th' = pi/2 + 1.9 * 0.05
    expect(state[1]).toBeCloseTo(1.9, 12)
    expect(state[0]).toBeCloseTo(Math.PI / 2 + 0.095, 12)
    expect(reward).toBeCloseTo(-((Math.PI / 2) ** 2 + 0.1 + 0.001), 8)
  })

  it('clips torque at 2 and speed at 8', () => {
    const [strong, full] = [Float64Array.of(0, 0), Float64Array.of(0, 0)]
    pendulum.step(strong, Float32Array.of(50), random)
    pendulum.step(full, Float32Array.of(2), random)
    expect(strong).toEqual(full)
    const fast = Float64Array.of(Math.PI / 2, 7.9)
    pendulum.step(fast, Float32Array.of(2), random)
    expect(fast[1]).toBe(8)
  })

  it.each([
    [0, 0],
    [Math.PI, -Math.PI],
    [3 * Math.PI + 0.5, -Math.PI + 0.5],
    [-2 * Math.PI - 0.25, -0.25]
  ])('wraps the angle %f to %f', (angle, wrapped) => {
    expect(wrapAngle(angle)).toBeCloseTo(wrapped, 12)
  })
})

describe('cartpole', () => {
  it('follows the equations by hand', () => {
    const state = Float64Array.of(0, 0, 0, 0)
    const { reward, terminated } = cartPole.step(state, Float32Array.of(1), random)
    // base = 10 / 1.1, angular acceleration = -base / (0.5 (4/3 - 0.1/1.1)), acceleration = base + 0.05 * that / 1.1
    const base = 10 / 1.1
    const turning = -base / (0.5 * (4 / 3 - 0.1 / 1.1))
    expect([...state]).toEqual([
      0,
      expect.closeTo(0.02 * (base - (0.05 * turning) / 1.1), 12),
      0,
      expect.closeTo(0.02 * turning, 12)
    ])
    expect([reward, terminated]).toEqual([1, false])
  })

  it('pays the failing step and says how it failed', () => {
    const fallen = Float64Array.of(0, 0, 0.21, 1)
    expect(cartPole.step(fallen, Float32Array.of(0), random)).toEqual({ reward: 1, terminated: true })
    expect(cartPole.outcome(fallen, true)).toBe('fell')
    const away = Float64Array.of(2.39, 3, 0, 0)
    expect(cartPole.step(away, Float32Array.of(1), random).terminated).toBe(true)
    expect(cartPole.outcome(away, true)).toBe('left the track')
    expect(cartPole.outcome(Float64Array.of(0, 0, 0, 0), false)).toBe('balanced')
  })
})

describe('mountain car', () => {
  it('pays 100 at the flag less the cost of the force', () => {
    const state = Float64Array.of(Math.fround(0.44), Math.fround(0.02))
    const { reward, terminated } = mountainCarContinuous.step(state, Float32Array.of(0.5), random)
    expect(terminated).toBe(true)
    expect(reward).toBeCloseTo(100 - 0.1 * 0.25, 12)
  })

  it('is stopped by the left wall and costs what the action asks, not what is applied', () => {
    const state = Float64Array.of(Math.fround(-1.19), Math.fround(-0.05))
    const { reward } = mountainCarContinuous.step(state, Float32Array.of(-3), random)
    expect([...state]).toEqual([Math.fround(-1.2), 0])
    expect(reward).toBeCloseTo(-0.9, 12)
  })
})
