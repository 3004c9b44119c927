import { describe, expect, it } from 'vitest'
import { environmentForName, environments, explainName } from '../../../src-main/environments/index.ts'
import { resolveName } from '../../../src-main/environments/names.ts'
import { pendulum } from '../../../src-main/environments/pendulum.ts'

describe('resolveName', () => {
  it.each([
    ['Pendulum-v1', 'pendulum', 'the same'],
    ['CartPole-v1', 'cartpole', 'the same'],
    ['gymnasium/MountainCarContinuous-v0', 'mountaincar-continuous', 'the same'],
    ['crossroads', 'crossroads', 'its name here'],
    ['Crossroads-Grid', 'crossroads-grid', 'its name here'],
    ['hopper-medium-replay-v2', 'hopper-v2', 'gym v2'],
    ['halfcheetah-random-v0', 'halfcheetah-v2', 'gym v2'],
    ['walker2d-medium-expert', 'walker2d-v2', 'gym v2'],
    ['ant-full-replay-v2', 'ant-v2', 'gym v2'],
    ['hopper-expert-v4', 'hopper-v4', 'exact inertia'],
    ['hopper/expert-v4', 'hopper-v4', 'exact inertia'],
    ['Hopper-v2', 'hopper-v2', 'before 2.1.2'],
    ['Hopper-v3', 'hopper-v2', 'v3 differs from v2'],
    ['HalfCheetah-v4', 'halfcheetah-v4', 'exact inertia'],
    ['gymnasium/Walker2d-v5', 'walker2d-v5', 'latest'],
    ['mujoco/hopper/medium-v0', 'hopper-v5', 'Minari'],
    ['mujoco/halfcheetah/expert-v0', 'halfcheetah-v5', 'Minari'],
    ['antmaze-umaze-v2', 'antmaze-umaze', "D4RL's own ant"],
    ['antmaze-umaze-diverse-v2', 'antmaze-umaze', 'drawn anew'],
    ['antmaze-large-play-v0', 'antmaze-large', 'once a seed'],
    ['maze2d-large-dense-v1', 'maze2d-large-dense', 'dense rewards'],
    ['D4RL/maze2d-umaze-v1', 'maze2d-umaze', 'maze2d-umaze-strict'],
    ['maze2d-open-v0', 'maze2d-open', 'sparse rewards'],
    ['maze2d-medium-strict', 'maze2d-medium-strict', 'its name here'],
    ['Reacher-v4', 'reacher-v4', 'before the step'],
    ['InvertedPendulum-v4', 'inverted-pendulum-v4', 'failing step']
  ])('takes %s for %s because: %s', (name, id, because) => {
    const named = resolveName(name, environments)
    expect(named.environment?.id).toBe(id)
    expect(named.reason).toBeNull()
    expect(named.because).toContain(because)
    expect(named.because).toContain(name)
  })

  it.each([
    ['Hopper-v1', 'versions 2, 4 and 5'],
    ['Hopper', 'choose hopper-v2'],
    ['hopper-medium-v7', 'version 7'],
    ['Humanoid-v4', 'MuJoCo robot'],
    ['Reacher-v2', 'otherwise than v4'],
    ['InvertedDoublePendulum-v4', 'MuJoCo robot'],
    ['maze2d-umaze-v0', '150 steps'],
    ['maze2d-eval-umaze-v1', 'other walls'],
    ['antmaze-eval-medium-play-v0', 'other walls'],
    ['antmaze-ultra-diverse-v0', 'not simulated'],
    ['PointMaze_UMaze-v3', 'another frame'],
    ['D4RL/pointmaze/umaze-v2', 'another frame'],
    ['AntMaze_Large_Diverse_GR-v4', 'another ant'],
    ['D4RL/antmaze/umaze-v1', 'another ant'],
    ['D4RL/pen/human-v2', 'manipulation tasks are not simulated'],
    ['CartPole-v0', '200 steps'],
    ['MountainCar-v0', 'discrete actions'],
    ['Something-v3', 'no environment of this name'],
    ['hopperbulletenv-v0', 'no environment of this name']
  ])('refuses %s because: %s', (name, reason) => {
    const named = resolveName(name, environments)
    expect(named.environment).toBeNull()
    expect(named.reason).toContain(reason)
    expect(named.reason).toContain(name)
  })

  it.each([
    ['Hopper', ['hopper-v2', 'hopper-v4', 'hopper-v5']],
    ['hopper-run3', ['hopper-v2', 'hopper-v4', 'hopper-v5']],
    ['Ant-v1', ['ant-v2', 'ant-v4', 'ant-v5']],
    ['maze2d-umaze-v0', ['maze2d-umaze', 'maze2d-umaze-strict']],
    ['CartPole-v0', ['cartpole']],
    ['PointMaze_UMaze-v3', []],
    ['Something-v3', []]
  ])('offers what comes near to %s: %j', (name, ids) => {
    const named = resolveName(name, environments)
    expect(named.environment === null && named.choices.map(({ id }) => id).sort()).toEqual(ids)
  })

  it('says so when the variant that a name means cannot be simulated', () => {
    expect(resolveName('Hopper-v4', [pendulum]).reason).toBe('Hopper-v4: hopper-v4 is not simulated here')
  })

  it('explains a name in one sentence either way', () => {
    expect(explainName('Pendulum-v1')).toBe(environmentForName('Pendulum-v1').because)
    expect(explainName('CartPole-v0')).toBe(environmentForName('CartPole-v0').reason)
  })
})

const robots = ['halfcheetah', 'hopper', 'walker2d', 'ant'] as const
const qualities = ['random', 'medium', 'expert', 'medium-replay', 'full-replay', 'medium-expert', 'mixed']
const variantsOf = (robot: string): string[] => ['v2', 'v4', 'v5'].map(version => `${robot}-${version}`)

describe('every name of', () => {
  it.each(robots)("D4RL's data of %s is the gym v2 robot, whatever their version", robot => {
    for (const quality of qualities)
      for (const version of ['-v0', '-v1', '-v2', '']) {
        const named = environmentForName(`${robot}-${quality}${version}`)
        expect(named.environment?.id).toBe(`${robot}-v2`)
        expect(named.because).toContain('before 2.1.2')
        expect(named.choices.map(({ id }) => id).sort()).toEqual(variantsOf(robot))
      }
  })

  it("D4RL's mazes of a point is the maze of that horizon, or none that says so", () => {
    for (const [maze, dense] of ['umaze', 'medium', 'large'].flatMap(name => [
      [name, ''],
      [name, '-dense']
    ])) {
      const id = `maze2d-${maze}${dense}`
      const strict = `maze2d-${maze}-strict${dense}`
      for (const name of [`${id}-v1`, id]) {
        expect(environmentForName(name).environment?.id).toBe(id)
        expect(explainName(name)).toContain(strict)
      }
      const former = environmentForName(`${id}-v0`)
      expect(former.environment).toBeNull()
      expect(former.choices.map(choice => choice.id).sort()).toEqual([id, strict].sort())
      expect(environmentForName(`maze2d-eval-${maze}${dense}-v1`).reason).toContain('other walls')
    }
    expect(environmentForName('maze2d-umaze-sparse').environment).toBeNull()
    expect(environmentForName('maze2d-open-dense-v0').environment?.id).toBe('maze2d-open-dense')
  })

  it("D4RL's AntMaze is its own ant, with a word on how goals were drawn", () => {
    const names = ['umaze', 'umaze-diverse', 'medium-play', 'medium-diverse', 'large-play', 'large-diverse']
    for (const name of names)
      for (const version of ['0', '1', '2']) {
        const named = environmentForName(`antmaze-${name}-v${version}`)
        expect(named.environment?.id).toBe(`antmaze-${name.split('-')[0]}`)
        expect(named.because).toContain(
          version === '2' ? 'anew in every episode' : `v${version} draws it once a seed`
        )
      }
  })

  it("Minari's walking robots is the v5 robot", () => {
    for (const robot of robots)
      for (const quality of ['simple', 'medium', 'expert']) {
        const named = environmentForName(`mujoco/${robot}/${quality}-v0`)
        expect(named.environment?.id).toBe(`${robot}-v5`)
        expect(named.because).toContain('Gymnasium v5')
        expect(named.environment?.info.scoreReference).toBeNull()
      }
  })

  it("Minari's other robots and D4RL remakes is refused with a reason of its own", () => {
    const reasons: readonly (readonly [string, string])[] = [
      ...['humanoid', 'humanoidstandup', 'swimmer', 'pusher', 'reacher', 'inverteddoublependulum'].map(
        name => [`mujoco/${name}/expert-v0`, 'not simulated'] as const
      ),
      ...['umaze', 'umaze-dense', 'medium', 'large-dense', 'open'].map(
        name => [`D4RL/pointmaze/${name}-v2`, 'another frame'] as const
      ),
      ...['umaze', 'umaze-diverse', 'medium-play', 'large-diverse'].map(
        name => [`D4RL/antmaze/${name}-v1`, 'another ant'] as const
      ),
      ...['pen', 'hammer', 'door', 'relocate', 'kitchen'].map(
        name => [`D4RL/${name}/expert-v2`, 'manipulation'] as const
      ),
      ['D4RL/minigrid/fourrooms-v0', 'MiniGrid']
    ]
    for (const [name, reason] of reasons) {
      expect(environmentForName(name).environment).toBeNull()
      expect(explainName(name)).toContain(reason)
    }
  })
})

it('every environment has a scale for scores or says why it has none', () => {
  for (const { info } of environments) {
    expect(info.scoreReference === null).toBe(info.noScore !== undefined)
    if (/-v[45]$/.test(info.id)) expect(info.noScore).toMatch(/returns are shown as they are/)
  }
})
